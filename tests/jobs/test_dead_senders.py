"""Claims and leases: what a dead or late sender held is sent once, or is in doubt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_sink import Conversation
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.messaging.messages import claims, fence, recovery
from webapp.messaging.messages.models import Claim, Delivery, Phase
from webapp.messaging.messages.services import cancel


def test_what_a_dead_worker_held_before_the_dot_is_sent_once(alice, sink, connection, drain):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    db.session.execute(update(Claim).values(lease_until=sql_now(-1)))
    db.session.commit()
    assert batch is not None
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous, len(sink.ledger)) == ("sent", 0, 1)


def test_what_a_dead_worker_held_after_the_dot_is_ambiguous(alice, sink, connection, drain, clock):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    assert mail.pass_dots(batch, batch.delivery_ids[0])
    db.session.commit()
    clock.move(seconds=61)
    recovery.recover()
    db.session.commit()
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("waiting", 1)
    assert mail.attempts()[0].problem == "worker_died"


def test_a_live_claim_is_left_alone(alice, connection):
    mail.create(mail.make_order(alice))
    claims.claim_due(connection.id)
    db.session.commit()
    assert recovery.recover_expired_claims() == 0
    assert mail.delivery().state == "sending"


def test_a_late_worker_changes_nothing(alice, connection, clock):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    db.session.commit()
    clock.move(seconds=61)
    assert not mail.pass_dots(batch, batch.delivery_ids[0])
    recovery.recover()
    db.session.commit()
    assert not fence.settle(batch, batch.delivery_ids[0], {"state": "sent"})
    assert mail.delivery().state == "waiting"


def test_a_late_worker_changes_nothing_of_what_the_next_one_holds(alice, connection, clock):
    mail.create(mail.make_order(alice))
    late = claims.claim_due(connection.id)
    db.session.commit()
    clock.move(seconds=61)
    recovery.recover()
    claims.claim_due(connection.id)
    db.session.commit()
    assert not mail.pass_dots(late, late.delivery_ids[0])
    assert not fence.settle(late, late.delivery_ids[0], {"state": "sent"})
    assert mail.delivery().state == "sending"


def test_a_message_that_kills_its_sender_each_time_is_held(alice, connection, clock):
    mail.create(mail.make_order(alice))
    for _ in range(4):
        batch = claims.claim_due(connection.id)
        fence.mark_started(batch, batch.delivery_ids[:1])
        db.session.commit()
        clock.move(minutes=2)
        recovery.recover()
        db.session.commit()
        if mail.delivery().state == "held":
            break
    assert (mail.delivery().state, mail.delivery().cause) == ("held", "worker_died")


def test_the_phase_is_on_record_before_the_dot_is_sent(alice, sink, connection, monkeypatch):
    mail.create(mail.make_order(alice))
    engine, seen, finish = db.engine, [], Conversation.finish

    def look(conversation: Conversation, raw: bytes) -> None:
        with engine.connect() as other:
            seen.append(other.execute(select(Delivery.phase)).scalar())
        finish(conversation, raw)

    monkeypatch.setattr(Conversation, "finish", look)
    deliver_mail(connection.id)
    assert seen == [Phase.DOT.value]


@pytest.fixture
def late(app, monkeypatch):
    """Let the lease run out between the dot and the server's answer, and something happen then."""

    def at_the_dot(happens: Callable[[], object] = lambda: None) -> None:
        finish = Conversation.finish

        def finish_late(conversation: Conversation, raw: bytes) -> None:
            monkeypatch.setattr(Conversation, "finish", finish)
            with app.app_context():
                let_the_lease_run_out()
                recovery.recover()
                happens()
                db.session.commit()
            finish(conversation, raw)

        monkeypatch.setattr(Conversation, "finish", finish_late)

    return at_the_dot


def let_the_lease_run_out() -> None:
    db.session.execute(update(Claim).values(lease_until=sql_now(-1)))
    db.session.commit()


def test_an_answer_that_is_known_is_written_down_however_late(alice, sink, connection, late):
    mail.create(mail.make_order(alice))
    late()
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous, mail.delivery().attempts) == ("sent", 0, 1)
    assert mail.attempts() == []
    assert len(sink.ledger) == 1


def test_a_late_answer_stops_a_second_sender_before_its_dot(alice, sink, connection, late):
    mail.create(mail.make_order(alice))
    second = []

    def claim_again() -> None:
        db.session.execute(update(Delivery).values(due_at=now()))
        second.append(claims.claim_due(connection_id))

    connection_id = connection.id
    late(claim_again)
    deliver_mail(connection_id)
    assert mail.delivery().state == "sent"
    assert not mail.pass_dots(second[0], mail.delivery().id)


def test_a_late_answer_leaves_a_persons_decision_alone(alice, bob, sink, connection, late):
    mail.create(mail.make_order(alice))
    actor_id = bob.id
    late(lambda: cancel(db.session.scalar(select(Delivery)), actor_id=actor_id))
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("cancelled", 1)


def test_a_refusal_that_comes_late_is_written_down_as_well(alice, sink, connection, late):
    sink.script["dot", 1] = "554 5.7.1 spam"
    mail.create(mail.make_order(alice))
    late()
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("refused", 0)
    assert "spam" in mail.delivery().reply


def test_a_late_answer_leaves_alone_what_another_sender_lost(alice, sink, connection, late):
    """The second copy may lie in the mailbox too, and that stays known."""
    mail.create(mail.make_order(alice))
    late(lambda: db.session.execute(update(Delivery).values(ambiguous=2, attempts=2)))
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous, mail.delivery().attempts) == ("sent", 1, 2)
