"""One message for several people travels once, and each of them has a fate of their own."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages.models import Delivery

CAROL, DAVE = "carol@partner.test", "dave@partner.test"


@pytest.fixture
def three(alice, connection):
    """A message to Alice, with a copy to Carol that is shown and one to Dave that is not."""
    mail.create(mail.make_order(alice))
    first = db.session.scalars(select(Delivery)).one()
    shared = {"message_id": first.message_id, "connection_id": connection.id, "expires_at": first.expires_at}
    rows = [
        {"address": CAROL, "name": "Carol", "kind": "cc"},
        {"address": DAVE, "name": "Dave", "kind": "bcc"},
    ]
    db.session.execute(insert(Delivery), [shared | {"due_at": first.due_at} | row for row in rows])
    db.session.commit()


def test_it_travels_once_and_shows_only_whom_it_should(alice, sink, connection, three):
    deliver_mail(connection.id)

    (taken,) = sink.ledger
    message = mail.parsed(taken.raw)
    assert taken.recipients == (alice.email, CAROL, DAVE)
    assert message["To"] == f"Alice Smirnova <{alice.email}>"
    assert message["Cc"] == f"Carol <{CAROL}>"
    assert b"dave" not in taken.raw.lower()
    assert [one.state for one in mail.deliveries()] == ["sent"] * 3
    assert mail.attempts() == []


def test_each_recipient_has_a_fate_of_their_own_and_only_one_is_tried_again(alice, sink, connection, three):
    sink.script["rcpt", 1] = "550 5.1.1 nobody here"
    sink.script["rcpt", 3] = "450 4.2.1 greylisted"
    deliver_mail(connection.id)
    assert [one.state for one in mail.deliveries()] == ["refused", "sent", "waiting"]

    db.session.execute(update(Delivery).values(due_at=now()))
    db.session.commit()
    deliver_mail(connection.id)

    assert [one.state for one in mail.deliveries()] == ["refused", "sent", "sent"]
    assert [taken.recipients for taken in sink.ledger] == [(CAROL,), (DAVE,)]
    assert sink.raws()[0] == sink.raws()[1]


def test_goodbye_at_the_second_recipient_leaves_all_of_them_waiting(sink, connection, three):
    sink.script["rcpt", 2] = "421 4.7.0 too many"
    deliver_mail(connection.id)

    assert [one.state for one in mail.deliveries()] == ["waiting"] * 3
    assert sink.ledger == []
    assert connection.state.paused_until > now()


def test_a_lost_answer_makes_all_of_them_doubtful(sink, connection, three):
    sink.script["dot", 1] = "take-drop"
    deliver_mail(connection.id)

    assert [(one.state, one.ambiguous) for one in mail.deliveries()] == [("waiting", 1)] * 3


def test_one_who_is_cancelled_gets_nothing_and_stands_in_the_header_still(alice, sink, connection, three):
    db.session.execute(update(Delivery).where(Delivery.address == CAROL).values(state="cancelled"))
    db.session.commit()
    deliver_mail(connection.id)

    (taken,) = sink.ledger
    assert taken.recipients == (alice.email, DAVE)
    assert mail.parsed(taken.raw)["Cc"] == f"Carol <{CAROL}>"
    assert [one.state for one in mail.deliveries()] == ["sent", "cancelled", "sent"]
