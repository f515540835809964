"""What a person decides about a delivery: cancel it, send it again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from webapp.core.db import db
from webapp.messaging.messages import claims
from webapp.messaging.messages.models import Delivery
from webapp.messaging.messages.services import TooLate, cancel, send_again


def test_a_cancelled_message_never_leaves(alice, bob, sink, connection, drain):
    mail.create(mail.make_order(alice))
    cancel(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    drain()
    assert (mail.delivery().state, sink.sessions) == ("cancelled", 0)


def test_a_message_cancelled_while_it_is_claimed_never_gets_its_dot(alice, bob, connection):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    db.session.commit()
    cancel(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    assert not mail.pass_dots(batch, batch.delivery_ids[0])


def test_a_refused_message_can_be_sent_again_by_a_person(alice, bob, sink, connection, drain):
    sink.script["rcpt", 1] = "550 5.1.1 no such user"
    mail.create(mail.make_order(alice))
    drain()
    send_again(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    drain()
    assert mail.delivery().state == "sent"


@pytest.mark.parametrize("state", ["held", "uncertain"])
def test_what_needs_a_person_can_be_cancelled_and_is_never_repeated(alice, bob, sink, connection, state):
    mail.create(mail.make_order(alice))
    db.session.execute(update(Delivery).values(state=state))
    cancel(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().decided_by_id, sink.sessions) == ("cancelled", bob.id, 0)


@pytest.mark.parametrize("state", ["sent", "bounced", "refused", "expired", "cancelled", "suppressed"])
def test_what_has_ended_cannot_be_cancelled(alice, bob, connection, state):
    mail.create(mail.make_order(alice))
    db.session.execute(update(Delivery).values(state=state))
    with pytest.raises(TooLate):
        cancel(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    assert mail.delivery().state == state


def test_what_has_had_its_dot_cannot_be_cancelled(alice, bob, connection):
    mail.create(mail.make_order(alice))
    batch = claims.claim_due(connection.id)
    mail.pass_dots(batch, batch.delivery_ids[0])
    with pytest.raises(TooLate):
        cancel(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    assert mail.delivery().state == "sending"


def test_what_bounced_can_be_sent_again(alice, bob, sink, connection, drain):
    mail.create(mail.make_order(alice))
    db.session.execute(update(Delivery).values(state="bounced"))
    send_again(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    drain()
    assert mail.delivery().state == "sent"
