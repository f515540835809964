"""Claims: deliveries taken by one sender under a lease of the database's clock."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import exists, insert, select

from webapp.core import config
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.core.leases import PROCESS_NAME
from webapp.core.row_changes import execute_unflushed
from webapp.messaging.mail_connections import condition, pace
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.messages import claim_statements
from webapp.messaging.messages.models import Claim, Delivery, Lane
from webapp.messaging.messages.state_words import WAITING

BATCH: Final = 20
LARGEST_BATCH: Final = 400
ALL_LANES: Final = tuple(Lane)
URGENT_LANES: Final = (Lane.PERSON_WAITS, Lane.DEADLINE)


class Batch(NamedTuple):
    """Deliveries in the hands of one claim. The claim's id is the fence: who lost it writes nothing more.

    ``version`` is that of the connection's settings under which they were taken.
    """

    claim_id: int
    connection_id: int
    version: int
    delivery_ids: tuple[int, ...]


def may_send(connection_id: int) -> bool:
    """Whether messages may leave through the connection at this moment."""
    return condition.waiting_reason(db.session.get(MailConnection, connection_id)) is None


def has_due(connection_id: int, lanes: Sequence[Lane] = ALL_LANES) -> bool:
    """Whether something waits whose time has come and which may leave."""
    return is_any_due(connection_id, lanes) and may_send(connection_id)


def is_any_due(connection_id: int, lanes: Sequence[Lane]) -> bool:
    """Whether something waits whose time has come."""
    return bool(_due_lanes(connection_id, lanes))


def list_due_connections() -> list[int]:
    """Return the connections for which somebody should be rung."""
    # One look into the index for each connection: a look at all that waits would grow with the queue.
    has_some = exists().where(
        Delivery.connection_id == MailConnection.id, Delivery.state == WAITING, Delivery.due_at <= now()
    )
    return [
        number for number in db.session.scalars(select(MailConnection.id).where(has_some)) if may_send(number)
    ]


def claim_due(
    connection_id: int,
    lanes: Sequence[Lane] = ALL_LANES,
    most: int = BATCH,
    version: int | None = None,
    *,
    is_in_batch: bool = False,
) -> Batch | None:
    """Take the next due deliveries of the most urgent lane that has any, within the connection's limits.

    Recipients of one message are taken together, so that it travels once. Nothing is taken when the
    connection's settings are no longer of the ``version`` that the sender knows. Whoever ``is_in_batch`` has
    begun one of the connection's batches. The caller commits.
    """
    connection = db.session.get(MailConnection, connection_id, populate_existing=True)
    if connection is None or version not in {None, connection.version}:
        return None
    for lane in _due_lanes(connection_id, lanes):
        most = _room(connection, most, is_in_batch=is_in_batch)
        batch = _claim(connection, lane, most) if most else None
        if batch is not None:
            if pace.is_limited(connection):
                pace.take(connection, len(batch.delivery_ids), now())
            return batch
    return None


def give_back(batch: Batch) -> None:
    """Let go of whatever the claim still holds before its dot, and end the claim. The caller commits."""
    held = {"claim": batch.claim_id}
    returned = execute_unflushed(claim_statements.GIVE_BACK, held).rowcount
    execute_unflushed(claim_statements.END, held)
    give_back_to_limits(batch.connection_id, returned)


def give_back_to_limits(connection_id: int, number: int) -> None:
    """Let so many more leave under the connection's limits, since they did not leave. The caller commits."""
    connection = db.session.get(MailConnection, connection_id) if number else None
    if connection is not None and pace.is_limited(connection):
        _lock_state(connection)
        pace.take(connection, -number, now())


def _room(connection: MailConnection, most: int, *, is_in_batch: bool) -> int:
    """Return how many the limits allow, with the row locked: two senders must not both take the last."""
    if not pace.is_limited(connection):
        return most
    _lock_state(connection)
    return pace.room(connection, now(), most, is_in_batch=is_in_batch).messages


def _lock_state(connection: MailConnection) -> None:
    db.session.get(ConnectionState, connection.id, populate_existing=True, with_for_update=True)


def _due_lanes(connection_id: int, lanes: Sequence[Lane]) -> list[Lane]:
    """Return those of the lanes in which anything is due, the most urgent first."""
    found = execute_unflushed(claim_statements.FIRST_DUE, {"connection": connection_id, "at": now()}).one()
    return [lane for lane, first in zip(Lane, found, strict=True) if first is not None and lane in lanes]


def _claim(connection: MailConnection, lane: Lane, most: int) -> Batch | None:
    # Never a number that was used before, as SQLite would give after a deletion: a late sender whose claim is
    # gone would find its number on the deliveries of the next one, and take them for its own.
    claim_id = secrets.randbits(62)
    place = {"connection": connection.id, "of_lane": lane.value, "at": now()}
    taken = execute_unflushed(
        claim_statements.take(db.engine.dialect.name), {"claim": claim_id, "most": most, **place}
    ).all()
    if not taken:  # others were quicker
        return None
    _begin_claim(claim_id, connection.id)
    # Of the other recipients none is more urgent, and those of the same lane are due later.
    in_order = sorted(taken, key=lambda row: (row.lane, row.due_at, row.id))
    return Batch(claim_id, connection.id, connection.version, tuple(row.id for row in in_order))


def _begin_claim(claim_id: int, connection_id: int) -> None:
    until = sql_now(config.current().lease)
    values = {"worker": PROCESS_NAME, "connection_id": connection_id, "lease_until": until}
    execute_unflushed(insert(Claim).values(id=claim_id, **values), {})
