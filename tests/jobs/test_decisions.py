"""What a person decides about a delivery: cancel it, send it again."""

from __future__ import annotations

from sqlalchemy import select

from tests.support import mail
from webapp.core.db import db
from webapp.messaging.messages import claims
from webapp.messaging.messages.models import Delivery
from webapp.messaging.messages.services import cancel, send_again


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
    assert not claims.pass_dot(batch.claim_id, batch.delivery_ids[0], "0" * 64)


def test_a_refused_message_can_be_sent_again_by_a_person(alice, bob, sink, connection, drain):
    sink.script["rcpt", 1] = "550 5.1.1 no such user"
    mail.create(mail.make_order(alice))
    drain()
    send_again(db.session.scalar(select(Delivery)), actor_id=bob.id)
    db.session.commit()
    drain()
    assert mail.delivery().state == "sent"
