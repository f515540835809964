"""Many deliveries with one trouble: counted, sent again and skipped, also while they are being sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from jobs.ring_again import ring_again
from jobs.settle_group import settle_group
from tests.messaging.messages.rows import write
from tests.support import mail
from tests.support.background import run_job
from webapp.core import job_queue
from webapp.core.clock import now
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import claims, groups, services
from webapp.messaging.messages.groups import Group
from webapp.messaging.messages.models import Delivery, GroupAction, GroupDecision

REFUSED = "/deliveries/group?state=refused&connection=1&cause=too_large"


@pytest.fixture
def connection(app: Flask) -> MailConnection:
    return mail.make_connection()


def states() -> dict[str, int]:
    db.session.rollback()
    counted = select(Delivery.state, func.count().label("number")).group_by(Delivery.state)
    found = {row.state: row.number for row in db.session.execute(counted)}
    db.session.rollback()
    return found


def act(url: str, deed: str) -> str:
    return url.replace("/group?", f"/group/{deed}?")


def test_troubles_stand_at_the_top_by_cause_with_an_example_and_the_remedy(alice, bob, connection, sign_in):
    write(connection.id, 3, account=alice, state="refused", cause="too_large", title="A large one", age_h=5)
    write(connection.id, 2, account=alice, state="uncertain", cause="disconnected", ambiguous=1)
    write(connection.id, 1, account=alice, state="bounced")
    write(connection.id, 9, account=alice, state="cancelled")
    page = sign_in(bob).get("/deliveries")
    texts = [" ".join(each.get_text(" ").split()) for each in page.select(".trouble")]
    assert len(texts) == 3
    assert "1 Bounced later" in texts[0]
    assert "2 Uncertain" in texts[1]
    assert "whether it arrived" in texts[1]
    for words in (
        "3 Refused",
        "larger than the server takes",
        "raise the limit",
        "A large one",
        "5 hours ago",
    ):
        assert words in texts[2]


def test_groups_are_found_without_reading_them(alice, connection):
    second = mail.make_connection().id
    for cause in ("too_large", "recipient_refused", None):
        write(connection.id, 2, account=alice, state="refused", cause=cause)
    write(second, 1, account=alice, state="held", cause="guard_held")
    found = groups.list_groups(groups.TROUBLES, [connection.id, second])
    assert {group: groups.extent_of(group).count for group in found} == {
        Group("refused", connection.id, "too_large"): 2,
        Group("refused", connection.id, "recipient_refused"): 2,
        Group("refused", connection.id, None): 2,
        Group("held", second, "guard_held"): 1,
    }
    assert groups.list_groups(groups.TROUBLES, []) == []


def test_a_group_is_sent_again_with_the_number_that_was_said(alice, bob, connection, sign_in):
    write(connection.id, 3, account=alice, state="refused", cause="too_large")
    write(connection.id, 1, account=alice, state="refused", cause="recipient_refused")
    browser = sign_in(bob)
    page = browser.get(REFUSED)
    assert "Send again: 3" in page.get_text()
    browser.submit(REFUSED, "#again form", {})
    assert "3 messages are sent again." in browser.follow().get_text()
    assert states() == {"waiting": 3, "refused": 1}
    one = db.session.scalars(select(Delivery).where(Delivery.state == "waiting")).first()
    assert (one.decided_by_id, one.cause, one.ambiguous) == (bob.id, None, 0)
    assert one.expires_at > now() + timedelta(hours=71)


def test_what_came_after_the_page_was_shown_is_left_alone(alice, bob, connection, sign_in):
    write(connection.id, 2, account=alice, state="refused", cause="too_large")
    browser = sign_in(bob)
    up_to = browser.get(REFUSED).select_one("#again [name=up_to]")["value"]
    write(connection.id, 2, account=alice, state="refused", cause="too_large")
    browser.post(act(REFUSED, "send-again"), {"up_to": up_to})
    assert states() == {"waiting": 2, "refused": 2}


def test_the_stale_ones_are_skipped_by_their_age_with_stated_numbers(alice, bob, connection, sign_in):
    for hours in (100, 50, 3):
        write(connection.id, 2, account=alice, state="refused", cause="too_large", age_h=hours)
    browser = sign_in(bob)
    words = browser.get(REFUSED).select_one("#skip").get_text(" ")
    for each in (
        "older than a day: 4",
        "older than three days: 2",
        "older than an hour: 6",
        "all of them: 6",
    ):
        assert each in words
    assert "a week" not in words
    browser.submit(REFUSED, "#skip form", {})
    assert "4 messages are skipped." in browser.follow().get_text()
    assert states() == {"cancelled": 4, "refused": 2}
    skipped = db.session.scalars(select(Delivery).where(Delivery.state == "cancelled")).first()
    assert (skipped.decided_by_id, skipped.cause) == (bob.id, "too_large")


def test_what_waits_can_be_skipped_before_the_server_is_back(alice, bob, connection, sign_in):
    write(connection.id, 3, account=alice, age_h=30)
    write(connection.id, 2, account=alice, age_h=1)
    browser = sign_in(bob)
    link = browser.get("/deliveries").select_one("#queue a[href*='/group?']")["href"]
    page = browser.get(link)
    assert not page.select("#again")
    browser.submit(link, "#skip form", {"age": "24"})
    assert states() == {"cancelled": 3, "waiting": 2}
    browser.post(act(link, "send-again"), {"up_to": "9"})
    assert states() == {"cancelled": 3, "waiting": 2}


def test_uncertain_ones_are_sent_again_only_with_the_word_that_a_copy_may_have_arrived(
    alice, bob, connection, sign_in
):
    write(connection.id, 2, account=alice, state="uncertain", cause="disconnected", ambiguous=3)
    url = "/deliveries/group?state=uncertain&connection=1&cause=disconnected"
    browser = sign_in(bob)
    page = browser.post(act(url, "send-again"), {"up_to": "9"}, status=422)
    assert page.select_one("#may_repeat-error")
    assert states() == {"uncertain": 2}
    browser.submit(url, "#again form", {"may_repeat": "y"})
    assert states() == {"waiting": 2}


def test_of_other_troubles_those_that_may_have_arrived_stay_unless_it_is_said(
    alice, bob, connection, sign_in
):
    write(connection.id, 2, account=alice, state="refused", cause="too_large")
    write(connection.id, 1, account=alice, state="refused", cause="too_large", ambiguous=1)
    browser = sign_in(bob)
    assert browser.get(REFUSED).select_one("#again [name=may_repeat]")
    browser.submit(REFUSED, "#again form", {})
    assert states() == {"waiting": 2, "refused": 1}
    browser.submit(REFUSED, "#again form", {"may_repeat": "y"})
    assert states() == {"waiting": 3}


def test_a_way_to_sign_in_that_ran_out_is_never_sent_again(alice, bob, connection, sign_in):
    soon = now() + timedelta(minutes=20)
    values = {"account": alice, "state": "refused", "cause": "too_large", "message_class": "sign_in"}
    (dead,) = write(connection.id, **values, expires_at=now() - timedelta(minutes=1))
    (alive,) = write(connection.id, **values, expires_at=soon)
    browser = sign_in(bob)
    browser.submit(REFUSED, "#again form", {})
    found = {each.id: each for each in mail.deliveries()}
    assert (found[dead].state, found[alive].state) == ("refused", "waiting")
    assert found[alive].expires_at == soon
    browser.submit(REFUSED, "#again form", {})
    assert "Nothing was changed" in browser.follow().get_text()


@pytest.mark.parametrize(
    "query",
    [
        "", "state=refused", "state=sent&connection=1", "state=refused&connection=x", "connection=1",
        "state=refused&connection=1&cause='", "state=refused&connection=1&cause=guard_held",
        "state=refused&connection=99999999999999999999", "state=waiting&connection=1",
    ],
)  # fmt: skip
def test_a_group_that_is_not_there_leads_back_to_the_journal(alice, bob, connection, sign_in, query):
    write(connection.id, account=alice, state="refused", cause="too_large")
    browser = sign_in(bob)
    browser.get(f"/deliveries/group?{query}")
    assert "nothing of this kind" in browser.text
    for deed in ("send-again", "skip"):
        browser.post(f"/deliveries/group/{deed}?{query}", {"up_to": "9", "age": "0"})
    assert states() == {"refused": 1}


@pytest.mark.parametrize("form", [{}, {"age": "5"}, {"age": "x"}, {"age": "-1", "up_to": "x"}])
def test_an_age_that_is_not_offered_is_refused_beside_the_field(alice, bob, connection, sign_in, form):
    write(connection.id, account=alice, state="refused", cause="too_large")
    page = sign_in(bob).post(act(REFUSED, "skip"), form, status=422)
    assert page.select_one("#age-error")
    assert states() == {"refused": 1}


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
        time.sleep(0.4)
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
