"""The deliveries of a claim, read in one query with all that their mails are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select

from webapp.core.db import db
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Delivery, DeliveryState, Message, MessageBody
from webapp.messaging.messages.state_words import SENDING

_SENDING: Final = DeliveryState.SENDING.value


class DeliveryRow(NamedTuple):
    """A delivery with its message and its body: the columns of the query, in its order."""

    id: int
    message_id: int
    address: str
    name: str
    kind: str
    state: str
    claim_id: int | None
    attempts: int
    ambiguous: int
    cause: str | None
    raw_sha256: str | None
    message_class: str
    message_id_header: str | None
    date_header: datetime | None
    boundary: str | None
    title: str
    subject_type: str | None
    subject_id: int | None
    packed_parts: bytes | None


class Due(NamedTuple):
    """One recipient to whom the message has to go now, and how it fared before."""

    delivery_id: int
    address: str
    attempts: int
    ambiguous: int
    cause: str | None
    raw_sha256: str | None


class Loaded(NamedTuple):
    """One message with its recipients, read before the wire is touched.

    ``rows`` are all its deliveries, with the message and its body in each: recipients to whom it went before
    stand in its headers still, since a repeat must be the same mail.
    """

    message_id: int
    message_class: str
    due: tuple[Due, ...]
    rows: tuple[DeliveryRow, ...]


def load(batch: Batch) -> list[Loaded]:
    """Read what the claim still holds, in the order of its claim, one entry for each message."""
    rows: defaultdict[int, list[DeliveryRow]] = defaultdict(list)
    due: defaultdict[int, list[Due]] = defaultdict(list)
    message_of: dict[int, int] = {}
    for row in _read(batch):
        rows[row.message_id].append(row)
        if row.claim_id == batch.claim_id and row.state == _SENDING:
            due[row.message_id].append(_due(row))
            message_of[row.id] = row.message_id
    claimed = [number for number in batch.delivery_ids if number in message_of]
    in_order = dict.fromkeys([message_of[number] for number in (*claimed, *message_of)])
    return [_loaded(rows[number], due[number]) for number in in_order]


def _read(batch: Batch) -> Iterator[DeliveryRow]:
    found = db.session.connection().execute(_QUERY, {"claim_id": batch.claim_id})
    return map(DeliveryRow._make, found.all())


_CLAIMED: Final = select(Delivery.message_id).where(
    Delivery.claim_id == bindparam("claim_id"), Delivery.state == SENDING
)
_QUERY: Final = (
    select(
        Delivery.id, Delivery.message_id, Delivery.address, Delivery.name, Delivery.kind, Delivery.state,
        Delivery.claim_id, Delivery.attempts, Delivery.ambiguous, Delivery.cause, Delivery.raw_sha256,
        Message.message_class, Message.message_id_header, Message.date_header, Message.boundary,
        Message.title, Message.subject_type, Message.subject_id, MessageBody.packed_parts,
    )
    .join(Message, Message.id == Delivery.message_id)
    .outerjoin(MessageBody, MessageBody.message_id == Message.id)
    .where(Delivery.message_id.in_(_CLAIMED))
    .order_by(Delivery.message_id, Delivery.id)
)  # fmt: skip


def _loaded(rows: Sequence[DeliveryRow], due: Sequence[Due]) -> Loaded:
    return Loaded(rows[0].message_id, rows[0].message_class, tuple(due), tuple(rows))


def _due(row: DeliveryRow) -> Due:
    return Due(row.id, row.address, row.attempts, row.ambiguous, row.cause, row.raw_sha256)
