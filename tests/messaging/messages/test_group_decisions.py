"""Decisions about groups while others are at work: in parts, in the background, each delivery once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from jobs.ring_again import ring_again
from jobs.settle_group import settle_group
from tests.messaging.messages.rows import states, write
from tests.support import mail
from tests.support.background import run_job
from tests.support.races import let_another_wait
from webapp.core import job_queue
from webapp.core.clock import now
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.messages import claims, groups, services
from webapp.messaging.messages.groups import Group
from webapp.messaging.messages.models import Delivery, GroupAction, GroupDecision

REFUSED = "/deliveries/group?state=refused&connection=1&cause=too_large"


def test_many_are_settled_some_at_a_time_and_the_rest_in_the_background(
    app, alice, bob, connection, sign_in, monkeypatch
):
    monkeypatch.setattr(groups, "BATCH", 10)
    write(connection.id, 35, account=alice, state="refused", cause="too_large")
    browser = sign_in(bob)
    browser.submit(REFUSED, "#skip form", {"age": "0"})
    page = browser.follow()
    assert "10 messages are skipped. The rest goes on in the background." in page.get_text()
    assert states() == {"cancelled": 10, "refused": 25}
    assert page.select_one("#group-progress[hx-get]")
    assert job_queue.count_waiting(JobName.SETTLE_GROUP) == 1
    run_job(app, JobName.SETTLE_GROUP, 1)
    assert states() == {"cancelled": 35}
    decision = db.session.scalars(select(GroupDecision)).one()
    assert (decision.done, decision.ended_at is not None, decision.actor_id) == (35, True, bob.id)
    page = browser.get("/deliveries/progress", headers={"HX-Request": "true"})
    assert not page.select("[hx-get], .alert")


def decide(group: Group, action: GroupAction, actor_id: int) -> GroupDecision:
    last = db.session.scalar(select(func.max(Delivery.id)))
    return groups.decide(group, action, up_to_id=last or 0, before=now(), may_repeat=True, actor_id=actor_id)


def test_what_a_dead_worker_left_is_rung_for_and_nothing_is_done_twice(alice, bob, connection, monkeypatch):
    monkeypatch.setattr(groups, "BATCH", 10)
    write(connection.id, 35, account=alice, state="refused", cause="too_large")
    group = Group("refused", connection.id, "too_large")
    number = decide(group, GroupAction.SEND_AGAIN, bob.id).id
    db.session.commit()
    # Those that were sent again are refused again: they are not taken a second time.
    db.session.execute(
        update(Delivery).where(Delivery.state == "waiting").values(state="refused", cause="too_large")
    )
    db.session.commit()
    rung = job_queue.count_waiting(JobName.SETTLE_GROUP)
    ring_again()
    assert job_queue.count_waiting(JobName.SETTLE_GROUP) == rung + 1
    settle_group(number)
    settle_group(number)
    assert states() == {"waiting": 25, "refused": 10}
    assert db.session.get(GroupDecision, number).done == 35
    settle_group(4711)


@pytest.fixture
def meanwhile(app: Flask) -> Iterator[Callable[[Callable[[], object]], Future[object]]]:
    """Do a deed in another transaction that begins while the test's stands open."""

    def start(deed: Callable[[], object]) -> Future[object]:
        has_begun = threading.Event()

        def run() -> object:
            with app.app_context():
                has_begun.set()
                result = deed()
                db.session.commit()
                return result

        other = pool.submit(run)
        has_begun.wait(5)
        let_another_wait()
        return other

    with ThreadPoolExecutor(1) as pool:
        yield start


def test_two_workers_on_one_decision_do_each_part_once(alice, bob, connection, monkeypatch, meanwhile):
    monkeypatch.setattr(groups, "BATCH", 10)
    write(connection.id, 30, account=alice, state="refused", cause="too_large")
    number = decide(Group("refused", connection.id, "too_large"), GroupAction.SKIP, bob.id).id
    db.session.commit()
    decision = db.session.get(GroupDecision, number)
    assert groups.go_on(decision)
    other = meanwhile(lambda: groups.go_on(db.session.get(GroupDecision, number)))
    db.session.commit()
    # On SQLite it could not even begin; on PostgreSQL it finds that what it was about to do is done.
    assert other.result(10) is (db.engine.dialect.name == "sqlite")
    settle_group(number)
    assert states() == {"cancelled": 30}
    assert db.session.get(GroupDecision, number).done == 30


def test_what_gets_its_dot_while_the_queue_is_skipped_is_not_cancelled(alice, bob, connection, meanwhile):
    ids = write(connection.id, 3, account=alice)
    db.session.commit()
    batch = claims.claim_due(connection.id, most=2)
    db.session.commit()
    assert mail.pass_dots(batch, ids[0])  # not committed yet: the skipping has to wait
    other = meanwhile(lambda: services.cancel_all(ids, "waiting", actor_id=bob.id))
    db.session.commit()
    assert other.result(10) == 2
    assert [each.state for each in mail.deliveries()] == ["sending", "cancelled", "cancelled"]
    # The sender finds that the other one is no longer its own.
    assert not mail.pass_dots(batch, ids[1])


def test_what_was_skipped_first_never_gets_its_dot(alice, bob, connection, meanwhile):
    ids = write(connection.id, 2, account=alice)
    batch = claims.claim_due(connection.id)
    db.session.commit()
    assert services.cancel_all(ids, "waiting", actor_id=bob.id) == 2
    other = meanwhile(lambda: mail.pass_dots(batch, ids[0]))
    db.session.commit()
    assert other.result(10) == set()
    assert states() == {"cancelled": 2}


def test_what_changed_its_state_meanwhile_is_neither_skipped_nor_sent_again(alice, bob, connection):
    ids = write(connection.id, 2, account=alice, state="refused", cause="too_large")
    db.session.execute(update(Delivery).where(Delivery.id == ids[0]).values(state="sent"))
    assert services.cancel_all(ids, "refused", actor_id=bob.id) == 1
    assert services.send_all_again(ids, "refused", may_repeat=True, actor_id=bob.id) == 0
    assert services.cancel_all(ids, "sent", actor_id=bob.id) == 0
    assert services.send_all_again(ids, "waiting", may_repeat=True, actor_id=bob.id) == 0
