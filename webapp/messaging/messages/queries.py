"""Reads of messages, their deliveries and the words with servers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.models import Attempt, Delivery, Message, MessageBody
from webapp.messaging.messages.state_words import WAITING
from webapp.messaging.push.models import PushNote

#: More are not counted: to count a long queue takes long, and nobody needs it to the last one.
MOST_COUNTED: Final = 20_000
LARGEST_NUMBER: Final = 2**63 - 1


def get_message(message_id: int) -> Message | None:
    """Return the message with its deliveries, without its body."""
    query = select(Message).where(Message.id == message_id).options(selectinload(Message.deliveries))
    return db.session.scalar(query)


def get_delivery(message_id: int, delivery_id: int) -> Delivery | None:
    """Return one delivery of the message."""
    return db.session.scalar(
        select(Delivery).where(Delivery.id == delivery_id, Delivery.message_id == message_id)
    )


def get_delivery_with_message(delivery_id: int) -> Delivery | None:
    """Return the delivery with this number, and its message."""
    if delivery_id > LARGEST_NUMBER:
        return None
    query = select(Delivery).where(Delivery.id == delivery_id).options(joinedload(Delivery.message))
    return db.session.scalar(query)


def list_with_messages(delivery_ids: Collection[int]) -> dict[int, Delivery]:
    """Return the deliveries with these numbers, and their messages."""
    query = select(Delivery).where(Delivery.id.in_(delivery_ids)).options(joinedload(Delivery.message))
    return {delivery.id: delivery for delivery in db.session.scalars(query)}


def get_body(message_id: int) -> MessageBody | None:
    """Return the packed parts of the message."""
    return db.session.get(MessageBody, message_id)


def get_note(message_id: int) -> PushNote | None:
    """Return the push note of the message."""
    return db.session.scalar(select(PushNote).where(PushNote.message_id == message_id))


def list_attempts(delivery_ids: Sequence[int]) -> dict[int, list[Attempt]]:
    """Return the attempts by delivery, in their order."""
    query = (
        select(Attempt).where(Attempt.delivery_id.in_(delivery_ids)).order_by(Attempt.delivery_id, Attempt.n)
    )
    attempts: dict[int, list[Attempt]] = {number: [] for number in delivery_ids}
    for attempt in db.session.scalars(query):
        attempts[attempt.delivery_id].append(attempt)
    return attempts


def get_connection_of(delivery: Delivery) -> MailConnection | None:
    """Return the delivery's connection, also one that was deleted."""
    return db.session.get(MailConnection, delivery.connection_id)


def first_id_since(moment: datetime) -> int:
    """Return the number of the first delivery written at the moment or later; above all when there is none.

    Numbers grow with time, so it is found by halving, some twenty looks into the primary key, and no index
    on the time has to be kept. Where two were written at once it may be some numbers off.
    """
    low, high = 1, (db.session.scalar(select(func.max(Delivery.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        next_one = select(Delivery.id, Delivery.created_at).where(Delivery.id >= middle)
        row = db.session.execute(next_one.order_by(Delivery.id).limit(1)).first()
        if row is None or row.created_at >= moment:
            high = middle
        else:
            low = row.id + 1
    return low


def count_waiting(connection_id: int) -> int:
    """Return how many deliveries wait for the connection; not more than MOST_COUNTED + 1 are counted."""
    waiting = select(Delivery.id).where(Delivery.connection_id == connection_id, Delivery.state == WAITING)
    some = waiting.limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
