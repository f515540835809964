"""Claims: deliveries taken by one sender under a lease of the database's clock."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, insert, literal_column, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from webapp.core import config
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.core.leases import PROCESS_NAME
from webapp.core.row_changes import change_rows
from webapp.messaging.mail_connections import condition, pace
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.messages.models import Claim, Delivery, DeliveryState, Lane, Phase

BATCH: Final = 20
LARGEST_BATCH: Final = 400
ALL_LANES: Final = tuple(Lane)
URGENT_LANES: Final = (Lane.PERSON_WAITS, Lane.DEADLINE)
# A word of the statement itself: only then do the partial indexes on waiting rows serve.
WAITING: Final[ColumnElement[str]] = literal_column("'waiting'")


@dataclass(frozen=True)
class Batch:
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
    due = select(exists().where(*_due(connection_id), Delivery.lane.in_([lane.value for lane in lanes])))
    return bool(db.session.scalar(due))


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
) -> Batch | None:
    """Take the next due deliveries of the most urgent lane that has any, within the connection's limits.

    Recipients of one message are taken together, so that it travels once. Nothing is taken when the
    connection's settings are no longer of the ``version`` that the sender knows. The caller commits.
    """
    connection = db.session.get(MailConnection, connection_id, populate_existing=True)
    if connection is None or version not in {None, connection.version}:
        return None
    for lane in sorted(lanes):
        if not db.session.scalar(select(exists().where(*_due(connection_id), Delivery.lane == lane.value))):
            continue
        most = _room(connection, most)
        batch = _claim(connection, lane, most) if most else None
        if batch is not None:
            if pace.is_limited(connection):
                pace.take(connection, len(batch.delivery_ids), now())
            return batch
    return None


def give_back(batch: Batch) -> None:
    """Let go of whatever the claim still holds before its dot, and end the claim. The caller commits."""
    untouched = update(Delivery).where(
        Delivery.claim_id == batch.claim_id,
        Delivery.state == literal_column("'sending'"),
        Delivery.phase != Phase.DOT.value,
    )
    returned = change_rows(untouched.values(state=DeliveryState.WAITING.value, claim_id=None, phase=None))
    is_empty = ~exists().where(
        Delivery.claim_id == batch.claim_id, Delivery.state == literal_column("'sending'")
    )
    # A claim that holds a delivery after its dot stays, so that recovery counts the lost answer.
    change_rows(delete(Claim).where(Claim.id == batch.claim_id, is_empty))
    give_back_to_limits(batch.connection_id, returned)


def give_back_to_limits(connection_id: int, number: int) -> None:
    """Let so many more leave under the connection's limits, since they did not leave. The caller commits."""
    connection = db.session.get(MailConnection, connection_id) if number else None
    if connection is not None and pace.is_limited(connection):
        _lock_state(connection)
        pace.take(connection, -number, now())


def _room(connection: MailConnection, most: int) -> int:
    """Return how many the limits allow, with the row locked: two senders must not both take the last."""
    if not pace.is_limited(connection):
        return most
    _lock_state(connection)
    return pace.room(connection, now(), most).messages


def _lock_state(connection: MailConnection) -> None:
    db.session.get(ConnectionState, connection.id, populate_existing=True, with_for_update=True)


def _claim(connection: MailConnection, lane: Lane, most: int) -> Batch | None:
    claim_id = _begin_claim(connection.id)
    taken = db.session.execute(_take(claim_id, connection.id, lane, most)).all()
    if not taken:  # others were quicker
        db.session.execute(delete(Claim).where(Claim.id == claim_id))
        return None
    in_order = sorted(taken, key=lambda row: (row.due_at, row.id))
    others = db.session.scalars(
        _take_others(claim_id, connection.id, {row.message_id for row in taken})
    ).all()
    ids = (*(row.id for row in in_order), *sorted(others))
    return Batch(claim_id, connection.id, connection.version, ids)


def _begin_claim(connection_id: int) -> int:
    # Never a number that was used before, as SQLite would give after a deletion: a late sender whose claim is
    # gone would find its number on the deliveries of the next one, and take them for its own.
    claim_id = secrets.randbits(62)
    until = sql_now(config.current().lease)
    values = {"worker": PROCESS_NAME, "connection_id": connection_id, "lease_until": until}
    db.session.execute(insert(Claim).values(id=claim_id, **values))
    return claim_id


def _due(connection_id: int) -> tuple[ColumnElement[bool], ...]:
    moment = now()
    return (
        Delivery.connection_id == connection_id,
        Delivery.state == WAITING,
        Delivery.due_at <= moment,
        Delivery.expires_at > moment,
    )


def _take(claim_id: int, connection_id: int, lane: Lane, most: int) -> ReturningUpdate[int, datetime, int]:
    due = (
        select(Delivery.id)
        .where(*_due(connection_id), Delivery.lane == lane.value)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(Delivery)
        .where(Delivery.id.in_(select(due.c.id)), Delivery.state == WAITING)
        .values(**_taken(claim_id))
        .returning(Delivery.id, Delivery.due_at, Delivery.message_id)
        .execution_options(synchronize_session=False)
    )


def _take_others(claim_id: int, connection_id: int, message_ids: Collection[int]) -> ReturningUpdate[int]:
    """The other due recipients of the messages that were taken.

    The messages are named one by one: PostgreSQL, which knows little of a table that changes so fast, would
    otherwise read all that waits. Those that another sender holds are left to it: to wait for it might be to
    wait for each other.
    """
    due = (
        select(Delivery.id)
        .where(Delivery.message_id.in_(message_ids), *_due(connection_id))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(Delivery)
        .where(Delivery.id.in_(select(due.c.id)), Delivery.state == WAITING)
        .values(**_taken(claim_id))
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )


def _taken(claim_id: int) -> dict[str, Any]:
    return {"state": DeliveryState.SENDING.value, "phase": Phase.CLAIMED.value, "claim_id": claim_id}
