"""The deliveries of a claim, read in one query with all that their mails are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, bindparam, literal_column, select

from webapp.core.db import db
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Delivery, DeliveryState, Message, MessageBody

DeliveryRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class Due:
    """One recipient to whom the message has to go now, and how it fared before."""

    delivery_id: int
    address: str
    attempts: int
    ambiguous: int
    cause: str | None
    raw_sha256: str | None


@dataclass(frozen=True)
class Loaded:
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
    rows = db.session.connection().execute(_QUERY, {"claim_id": batch.claim_id}).all()
    place = {number: index for index, number in enumerate(batch.delivery_ids)}
    last = len(place)
    loaded = [
        (min(place.get(row.id, last) for row in ours), _loaded(siblings, ours))
        for siblings in (list(group) for _message_id, group in groupby(rows, lambda row: row.message_id))
        if (ours := [row for row in siblings if _is_ours(row, batch)])
    ]
    return [one for _place, one in sorted(loaded, key=lambda pair: pair[0])]


_CLAIMED: Final = select(Delivery.message_id).where(
    Delivery.claim_id == bindparam("claim_id"), Delivery.state == literal_column("'sending'")
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


def _is_ours(row: DeliveryRow, batch: Batch) -> bool:
    return bool(row.claim_id == batch.claim_id and row.state == DeliveryState.SENDING)


def _loaded(siblings: Sequence[DeliveryRow], ours: Sequence[DeliveryRow]) -> Loaded:
    return Loaded(
        message_id=ours[0].message_id,
        message_class=ours[0].message_class,
        due=tuple(_due(row) for row in ours),
        rows=tuple(siblings),
    )


def _due(row: DeliveryRow) -> Due:
    return Due(row.id, row.address, row.attempts, row.ambiguous, row.cause, row.raw_sha256)
