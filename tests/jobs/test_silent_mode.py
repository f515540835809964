"""Silent mode at the moment of sending, before a real mail server."""

from __future__ import annotations

from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_conversation import Conversation
from webapp.core.db import db
from webapp.messaging.mail_connections.models import ConnectionState, SendingMode
from webapp.messaging.mail_connections.transports import open_transport
from webapp.messaging.messages import claims
from webapp.messaging.messages.delivery import send_batch
from webapp.messaging.messages.models import Claim
from webapp.messaging.silent_mode import services as silent_mode


def turn_on(carol, *exceptions: str) -> None:
    silent_mode.turn_on("A trial", actor=carol)
    silent_mode.change_exceptions(exceptions, actor=carol)
    db.session.commit()


def test_what_was_queued_before_does_not_leave_after(alice, carol, sink, connection, drain):
    mail.create(mail.make_order(alice))
    turn_on(carol)
    drain()
    assert (mail.delivery().state, mail.delivery().cause) == ("suppressed", "silent_mode")
    assert (sink.sessions, sink.ledger) == (0, [])


def test_exceptions_arrive_and_nobody_else(alice, bob, carol, sink, connection, drain):
    mail.create(mail.make_order(alice), mail.make_order(bob))
    turn_on(carol, bob.email)
    mail.create(mail.make_order(alice), mail.make_order(bob))
    drain()
    assert [taken.recipients for taken in sink.ledger] == [(bob.email,), (bob.email,)]
    assert [one.state for one in mail.deliveries()] == ["suppressed", "sent", "suppressed", "sent"]


def test_after_the_end_new_ones_arrive_and_old_ones_do_not(alice, bob, carol, sink, connection, drain):
    turn_on(carol)
    mail.create(mail.make_order(alice))
    drain()
    silent_mode.turn_off(actor=carol)
    db.session.commit()
    mail.create(mail.make_order(bob))
    drain()
    assert [taken.recipients for taken in sink.ledger] == [(bob.email,)]
    assert [one.state for one in mail.deliveries()] == ["suppressed", "sent"]


@pytest.mark.parametrize(("mode", "most"), [(SendingMode.CAREFUL, 1), (SendingMode.BULK, 20)])
def test_turned_on_while_a_batch_travels_it_stops_before_the_next_mail(
    app: Flask, alice, carol, sink, connection, monkeypatch, mode, most
):
    connection.sending_mode = mode.value
    db.session.commit()
    mail.create(*[mail.make_order(alice) for _ in range(45)])
    number, carols, finish = connection.id, carol.id, Conversation.finish

    def turn_on_meanwhile(conversation: Conversation, raw: bytes) -> None:
        monkeypatch.setattr(Conversation, "finish", finish)
        with app.app_context():
            silent_mode.turn_on("Stop", actor=db.session.get_one(type(carol), carols))
            db.session.commit()
        finish(conversation, raw)

    monkeypatch.setattr(Conversation, "finish", turn_on_meanwhile)
    db.session.remove()
    deliver_mail(number)
    deliver_mail(number)
    states = [one.state for one in mail.deliveries()]
    assert set(states) == {"sent", "suppressed"}
    assert 1 <= states.count("sent") == len(sink.ledger) <= most
    assert db.session.scalar(select(Claim.id)) is None


def test_a_sender_that_has_taken_mail_already_suppresses_it(alice, bob, carol, sink, connection):
    """Between the claim and the first mail somebody turned silent mode on."""
    mail.create(mail.make_order(alice), mail.make_order(bob))
    connection.most_per_day = 10
    db.session.commit()
    batch = claims.claim_due(connection.id)
    transport = open_transport(connection)
    db.session.commit()
    turn_on(carol, bob.email)
    assert batch is not None
    assert transport is not None
    send_batch(batch, transport, db.session.commit)
    transport.close()
    assert [one.state for one in mail.deliveries()] == ["suppressed", "waiting"]
    assert sink.ledger == []
    used = db.session.scalars(select(ConnectionState.sent_today)).one()
    assert used == 0, "what did not leave counts against no limit"


def test_of_a_mail_for_several_only_the_exceptions_get_it(alice, carol, sink, connection, drain):
    mail.create(mail.make_order(alice))
    first = mail.delivery()
    copy = {"connection_id": first.connection_id, "due_at": first.due_at, "expires_at": first.expires_at}
    db.session.add(type(first)(message_id=first.message_id, address="dan@spared.example", kind="cc", **copy))
    db.session.commit()
    turn_on(carol, "spared.example")
    drain()
    assert [taken.recipients for taken in sink.ledger] == [("dan@spared.example",)]
    assert [one.state for one in mail.deliveries()] == ["suppressed", "sent"]


def test_two_workers_let_nothing_through(app: Flask, alice, bob, carol, sink, connection):
    turn_on(carol, bob.email)
    mail.create(*[mail.make_order(one) for _ in range(15) for one in (alice, bob)])
    number, bobs = connection.id, bob.email
    db.session.remove()

    def run() -> None:
        with app.app_context():
            deliver_mail(number)

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {taken.recipients for taken in sink.ledger} == {(bobs,)}
    assert len(sink.ledger) == 15
    assert [one.state for one in mail.deliveries()].count("suppressed") == 15


def test_the_test_message_of_a_check_goes_all_the_same(alice, carol, sink, connection):
    """A technologist asked for it by hand, and to this one address."""
    from jobs.check_connection import check_connection
    from webapp.messaging.mail_connections import services

    turn_on(carol)
    services.start_check(connection, address=alice.email, language="en")
    db.session.commit()
    check_connection(connection.id)
    assert [taken.recipients for taken in sink.ledger] == [(alice.email,)]
