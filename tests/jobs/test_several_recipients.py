"""One message for several people travels once, and each of them has a fate of their own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages import dots
from webapp.messaging.messages.models import Delivery
from webapp.messaging.messages.services import cancel

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


def test_a_recipient_who_is_cancelled_in_time_leaves_no_other_in_doubt(
    app, alice, bob, sink, connection, three, monkeypatch
):
    """The mail was made for all three, so it is not sent, and it is known that it was not."""
    third, actor_id, connection_id = mail.deliveries()[2].id, bob.id, connection.id
    record = dots.Writer.record

    def cancel_and_record(writer: dots.Writer, *details: Any) -> dots.Written:
        monkeypatch.setattr(dots.Writer, "record", record)
        cancel(db.session.get(Delivery, third), actor_id=actor_id)
        db.session.commit()
        return record(writer, *details)

    monkeypatch.setattr(dots.Writer, "record", cancel_and_record)
    deliver_mail(connection_id)

    assert [one.state for one in mail.deliveries()] == ["sent", "sent", "cancelled"]
    assert [one.ambiguous for one in mail.deliveries()] == [0, 0, 0]
    assert [taken.recipients for taken in sink.ledger] == [(alice.email, CAROL)]
