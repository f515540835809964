"""Composing: who gets which message by which channel, once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.support import mail
from webapp.core.db import db
from webapp.messaging.messages import bodies, compose
from webapp.messaging.messages.models import Delivery, Message, MessageBody, MessageClass
from webapp.messaging.messages.orders import Channel
from webapp.messaging.push.models import PushNote
from webapp.people.company import settings as company


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_an_order_becomes_a_message_a_delivery_and_a_push_note(alice):
    mail.make_connection()
    (done,) = mail.create(mail.make_order(alice))
    note = db.session.scalar(select(PushNote))
    assert done.skipped == {}
    assert (count(Message), mail.delivery().address) == (1, alice.email)
    assert (note.account_id, note.title, note.body) == (alice.id, "Status: In progress", "Printer is on fire")


def test_the_same_order_twice_is_one_message(alice):
    mail.make_connection()
    order = mail.make_order(alice)
    mail.create(order)
    (again,) = mail.create(order)
    assert again.message_id is None
    assert set(again.skipped.values()) == {"duplicate"}
    assert (count(Message), count(Delivery), count(PushNote)) == (1, 1, 1)


def test_the_same_order_twice_in_one_call_is_one_message(alice):
    mail.make_connection()
    order = mail.make_order(alice)
    mail.create(order, order)
    assert (count(Message), count(Delivery), count(PushNote)) == (1, 1, 1)


def test_without_a_connection_the_push_note_goes_and_the_reason_is_on_record(alice):
    (done,) = mail.create(mail.make_order(alice))
    assert done.skipped == {Channel.EMAIL: "no_connection"}
    assert (count(Delivery), count(PushNote), count(MessageBody)) == (0, 1, 0)


def test_only_the_asked_channels_are_used(alice):
    mail.make_connection()
    mail.create(mail.make_order(alice, channels=frozenset({Channel.EMAIL})))
    mail.create(mail.make_order(alice, channels=frozenset({Channel.PUSH})))
    assert (count(Message), count(Delivery), count(PushNote)) == (2, 1, 1)


def test_an_inactive_account_gets_nothing(alice):
    mail.make_connection()
    alice.is_active = False
    db.session.commit()
    (done,) = mail.create(mail.make_order(alice))
    assert (done.message_id, set(done.skipped.values())) == (None, {"inactive"})
    assert count(Message) == 0


def test_a_stranger_is_written_to_only_if_the_company_allows(app, carol):
    mail.make_connection()
    order = mail.make_order(None, address="Stranger@Example.com")
    (done,) = mail.create(order)
    assert done.skipped == {Channel.EMAIL: "unregistered", Channel.PUSH: "unregistered"}
    company.change(company.Company(notify_unregistered=True), actor=carol)
    db.session.commit()
    mail.create(order)
    assert mail.delivery().address == "Stranger@example.com"
    assert count(PushNote) == 0


def test_a_bad_address_is_skipped_with_the_reason(alice):
    mail.make_connection()
    (done,) = mail.create(mail.make_order(alice, address="not an address"))
    assert done.skipped == {Channel.EMAIL: "no_address" if not alice.email else "bad_address"}


def test_a_sign_in_message_is_kept_sealed(alice):
    mail.make_connection()
    mail.create(mail.make_order(alice, message_class=MessageClass.SIGN_IN, link="/set-password/canary-token"))
    packed = db.session.scalar(select(MessageBody.packed_parts))
    assert b"canary-token" not in packed
    assert "canary-token" in bodies.unpack(packed).text


def test_a_rollback_leaves_nothing(alice):
    mail.make_connection()
    compose.create_messages([mail.make_order(alice)])
    db.session.rollback()
    assert (count(Message), count(Delivery), count(PushNote)) == (0, 0, 0)


def test_many_orders_are_written_in_bulk(alice):
    mail.make_connection()
    done = mail.create(*[mail.make_order(alice) for _ in range(450)])
    assert len({one.message_id for one in done}) == 450
    assert (count(Message), count(Delivery), count(PushNote)) == (450, 450, 450)


def test_an_unknown_placeholder_stops_the_order(alice):
    with pytest.raises(ValueError, match="statsu"):
        compose.render(mail.make_order(alice, text=mail.MessageText(subject="{statsu}", lead="x")))
