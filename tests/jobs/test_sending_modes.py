"""How much is written at once, what is doubtful when an answer is lost, and what never comes twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_conversation import Conversation
from webapp.core.db import db
from webapp.mail.transports.smtp.transaction import Transaction
from webapp.messaging.mail_connections.models import MailConnection, SendingMode
from webapp.messaging.messages.models import Delivery, MessageClass

CAREFUL, BULK = SendingMode.CAREFUL, SendingMode.BULK
NOTICE, SIGN_IN, MASS, ONCE = MessageClass.NOTICE, MessageClass.SIGN_IN, MessageClass.MASS, MessageClass.ONCE


@pytest.fixture
def at_the_dot(monkeypatch):
    """How many messages the database calls doubtful when the server has each dot."""
    seen: list[int] = []
    engine, finish = db.engine, Conversation.finish

    def look(conversation: Conversation, raw: bytes) -> None:
        with engine.connect() as other:
            doubtful = select(func.count()).where(Delivery.phase == "dot", Delivery.state == "sending")
            seen.append(other.scalar(doubtful) or 0)
        finish(conversation, raw)

    monkeypatch.setattr(Conversation, "finish", look)
    return seen


def send(alice, connection, count: int, mode: SendingMode, message_class: MessageClass = NOTICE) -> None:
    db.session.execute(update(MailConnection).values(sending_mode=mode.value))
    mail.create(*[mail.make_order(alice, message_class=message_class) for _ in range(count)])
    deliver_mail(connection.id)


@pytest.mark.parametrize(
    ("mode", "message_class", "most_doubtful"),
    [
        (CAREFUL, NOTICE, 1), (BULK, NOTICE, 20), (CAREFUL, MASS, 20),
        (BULK, SIGN_IN, 1), (BULK, ONCE, 1),
    ],
)  # fmt: skip
def test_what_a_killed_sender_would_leave_in_doubt(
    alice, sink, connection, at_the_dot, mode, message_class, most_doubtful
):
    send(alice, connection, 41, mode, message_class)

    assert [one.state for one in mail.deliveries()] == ["sent"] * 41
    assert max(at_the_dot) == most_doubtful
    assert min(at_the_dot) == 1
    assert [one.attempts for one in mail.deliveries()] == [1] * 41


def test_classes_may_be_mixed_in_one_claim(alice, sink, connection, at_the_dot):
    db.session.execute(update(MailConnection).values(sending_mode=BULK.value))
    classes = [NOTICE, NOTICE, SIGN_IN, NOTICE, NOTICE, NOTICE]
    mail.create(*[mail.make_order(alice, message_class=one) for one in classes])
    deliver_mail(connection.id)

    assert [one.state for one in mail.deliveries()] == ["sent"] * 6
    assert (at_the_dot[0], at_the_dot[2], at_the_dot[3]) == (2, 1, 3)


def test_only_mails_that_are_doubtful_in_groups_hurry(alice, sink, connection, monkeypatch):
    """One that is written together with its dot is in doubt when the session breaks in its body."""
    hurried: list[bool] = []
    begin = Transaction.begin

    def look(transaction: Transaction) -> None:
        hurried.append(transaction.parcel.may_hurry)
        begin(transaction)

    monkeypatch.setattr(Transaction, "begin", look)
    for mode, message_class in [(CAREFUL, NOTICE), (BULK, NOTICE), (BULK, SIGN_IN), (BULK, ONCE)]:
        send(alice, connection, 1, mode, message_class)

    assert hurried == [False, True, False, False]


@pytest.mark.parametrize("mode", SendingMode)
def test_a_lost_answer_makes_one_message_doubtful_and_leaves_the_others_free(alice, sink, connection, mode):
    sink.script["dot", 5] = "take-drop"
    send(alice, connection, 12, mode)

    found = mail.deliveries()
    assert [one.state for one in found] == ["sent"] * 4 + ["waiting"] * 8
    assert [one.ambiguous for one in found] == [0] * 4 + [1] + [0] * 7
    assert [one.attempts for one in found] == [1] * 5 + [0] * 7
    assert {(one.phase, one.claim_id) for one in found} == {(None, None)}
    assert len(sink.ledger) == 5


def test_what_must_never_come_twice_is_left_to_a_person_at_the_first_lost_answer(alice, sink, connection):
    sink.script["dot", 1] = "take-drop"
    send(alice, connection, 1, CAREFUL, ONCE)

    assert (mail.delivery().state, mail.delivery().ambiguous) == ("uncertain", 1)
    assert len(sink.ledger) == 1


def test_what_is_cancelled_within_a_group_is_not_sent(alice, sink, connection, monkeypatch):
    """The group's commit finds it cancelled; the rest of the group goes."""
    engine, on_data = db.engine, Conversation.on_data

    def cancel_meanwhile(conversation: Conversation, rest: str) -> None:
        with engine.begin() as other:
            first = select(func.min(Delivery.id)).scalar_subquery()
            gone = update(Delivery).where(Delivery.id == first, Delivery.phase == "claimed")
            other.execute(gone.values(state="cancelled", phase=None, claim_id=None))
        on_data(conversation, rest)

    mail.create(*[mail.make_order(alice) for _ in range(4)])
    monkeypatch.setattr(Conversation, "on_data", cancel_meanwhile)
    db.session.execute(update(MailConnection).values(sending_mode=BULK.value))
    db.session.commit()
    deliver_mail(connection.id)

    assert [one.state for one in mail.deliveries()] == ["cancelled", "sent", "sent", "sent"]
    assert len(sink.ledger) == 3
