"""Mails that have leave to be sent and are not sent yet, when something else happens first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from jobs import stopping
from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_conversation import Conversation
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.mail.transports.base import Outcome, Problem, Step, Verdict
from webapp.messaging.mail_connections import condition
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.messages import claims, ledger, recovery
from webapp.messaging.messages.models import Claim, Delivery, Message
from webapp.messaging.messages.services import cancel

BULK = {"sending_mode": "bulk"}


@pytest.fixture
def after_dot(app, monkeypatch) -> Callable[[int, Callable[[], object]], None]:
    """Let something happen when the sink has taken so many mails."""

    def at(number: int, happens: Callable[[], object]) -> None:
        finish = Conversation.finish
        taken = []

        def finish_and_act(conversation: Conversation, raw: bytes) -> None:
            taken.append(raw)
            if len(taken) == number:
                with app.app_context():
                    happens()
                    db.session.commit()
            finish(conversation, raw)

        monkeypatch.setattr(Conversation, "finish", finish_and_act)

    return at


def set_connection(**values: object) -> None:
    db.session.execute(update(MailConnection).values(**values))
    db.session.commit()


def test_leave_that_has_grown_old_is_asked_for_again(alice, bob, sink, connection, after_dot, monkeypatch):
    set_connection(**BULK)
    mail.create(*[mail.make_order(alice) for _ in range(4)])
    last, actor_id = mail.deliveries()[3].id, bob.id

    def lose_the_claim() -> None:
        db.session.execute(update(Claim).values(lease_until=sql_now(-1)))
        recovery.recover()
        cancel(db.session.get(Delivery, last), actor_id=actor_id)
        monkeypatch.setattr(ledger.BatchLedger, "_is_stale", lambda _ledger: True)

    after_dot(1, lose_the_claim)
    deliver_mail(connection.id)

    assert len(sink.ledger) == 1
    assert [one.state for one in mail.deliveries()] == ["sent", "waiting", "waiting", "cancelled"]
    assert [one.ambiguous for one in mail.deliveries()] == [0, 1, 1, 1]


def test_what_cannot_be_built_while_another_travels_is_held_and_nothing_else_is(alice, sink, connection):
    mail.create(*[mail.make_order(alice) for _ in range(4)])
    third = mail.deliveries()[2]
    db.session.execute(update(Message).where(Message.id == third.message_id).values(boundary=None))
    db.session.commit()
    deliver_mail(connection.id)
    assert [one.state for one in mail.deliveries()] == ["sent", "sent", "held", "sent"]
    assert len(sink.ledger) == 3


def test_what_was_made_ready_and_not_sent_is_given_back(alice, sink, connection, after_dot, monkeypatch):
    mail.create(*[mail.make_order(alice) for _ in range(5)])
    after_dot(2, lambda: monkeypatch.setattr(stopping, "is_requested", lambda: True))
    deliver_mail(connection.id)
    sent = len(sink.ledger)
    assert 2 <= sent <= 3
    assert [one.state for one in mail.deliveries()] == ["sent"] * sent + ["waiting"] * (5 - sent)
    assert [one.attempts for one in mail.deliveries()] == [1] * sent + [0] * (5 - sent)


def test_nothing_is_taken_under_settings_that_the_sender_does_not_know(alice, connection):
    mail.create(mail.make_order(alice))
    version = connection.version
    set_connection(version=version + 1)
    assert claims.claim_due(connection.id, version=version) is None
    assert claims.claim_due(connection.id, version=version + 1) is not None


def test_tries_that_never_left_do_not_use_up_the_day(alice, sink, connection):
    set_connection(most_per_day=5)
    mail.create(*[mail.make_order(alice) for _ in range(3)])
    sink.script["greeting", 1] = "421 4.3.2 not now"
    deliver_mail(connection.id)
    assert db.session.get(ConnectionState, connection.id).sent_today == 0


def test_an_older_session_does_not_end_the_pause_for_a_refused_password(connection):
    before = now()
    refused = Outcome(Verdict.SERVER_PROBLEM, Step.SIGN_IN, 535, problem=Problem.PASSWORD_REFUSED)
    condition.report_failure(connection.id, refused)
    db.session.commit()
    condition.report_success(connection.id, since=before - timedelta(seconds=1))
    db.session.commit()
    db.session.refresh(connection.state)
    assert connection.state.failures == 1
    assert connection.state.paused_until is not None
    condition.report_success(connection.id, since=now())
    db.session.commit()
    db.session.refresh(connection.state)
    assert (connection.state.failures, connection.state.paused_until) == (0, None)


def test_a_pause_from_before_the_clock_was_set_back_is_over(connection):
    connection.state.paused_until = now() + timedelta(days=40)
    assert condition.waiting_reason(connection) is None
    connection.state.paused_until = now() + timedelta(minutes=40)
    assert condition.waiting_reason(connection) is condition.WaitReason.PAUSED
