"""Deliveries in silent mode: what waits is laid aside, and how many were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Row, bindparam, func, select, update

from webapp.core.db import db
from webapp.core.row_changes import change_rows
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.groups import IS_INDEXED, MOST_COUNTED
from webapp.messaging.messages.models import Delivery, DeliveryState
from webapp.messaging.messages.outcomes import Cause
from webapp.messaging.messages.state_words import SENDING, WAITING, in_words
from webapp.messaging.silence.queries import present

#: So many rows are rewritten at once: on SQLite everybody else waits meanwhile.
BATCH: Final = 1000
SUPPRESSED: Final = {"state": DeliveryState.SUPPRESSED.value, "cause": Cause.SILENT_MODE.value}
#: A copy may have arrived: to call it unsent would invite a second one.
DOUBTFUL: Final = {"state": DeliveryState.UNCERTAIN.value, "cause": Cause.SILENT_MODE.value}

_NEXT_WAITING: Final = (
    select(Delivery.id, Delivery.address)
    .where(
        Delivery.connection_id == bindparam("connection"), Delivery.state == WAITING,
        Delivery.id > bindparam("after"),
    )
    .order_by(Delivery.id)
    .limit(BATCH)
)  # fmt: skip


def suppress_waiting() -> int:
    """Suppress what waits and must not leave now; returns how many, at least BATCH if there may be more."""
    silence = present()
    if not silence.is_on:
        return 0
    count = 0
    for rows in _waiting():
        ids = [row.id for row in rows if silence.keeps_back(row.address)]
        if ids:
            waiting = update(Delivery).where(Delivery.id.in_(ids), Delivery.state == WAITING)
            count += change_rows(waiting.where(Delivery.ambiguous == 0).values(**SUPPRESSED))
            count += change_rows(waiting.where(Delivery.ambiguous > 0).values(**DOUBTFUL))
        if count >= BATCH:
            break
    return count


def first_open_id() -> int:
    """Return the number of the first delivery that has not left, or of the next one to be written."""
    open_ones = [
        select(func.min(Delivery.id)).where(Delivery.connection_id == number, Delivery.state == state)
        for number in _connection_ids()
        for state in (WAITING, SENDING)
    ]
    found = [number for query in open_ones if (number := db.session.scalar(query)) is not None]
    return min(found, default=(db.session.scalar(select(func.max(Delivery.id))) or 0) + 1)


def count_suppressed(first_id: int) -> int:
    """Return how many are suppressed from that number on; not more than MOST_COUNTED + 1 are counted."""
    rows = select(Delivery.id).where(
        Delivery.state == in_words(DeliveryState.SUPPRESSED),
        Delivery.connection_id.in_(_connection_ids()),
        Delivery.cause == Cause.SILENT_MODE.value,
        Delivery.id >= first_id,
        IS_INDEXED,
    )
    some = rows.limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _waiting() -> Iterator[Sequence[Row[int, str]]]:
    for connection_id in _connection_ids():
        after = 0
        while rows := db.session.execute(_NEXT_WAITING, {"connection": connection_id, "after": after}).all():
            yield rows
            after = rows[-1].id


def _connection_ids() -> Sequence[int]:
    return db.session.scalars(select(MailConnection.id)).all()
