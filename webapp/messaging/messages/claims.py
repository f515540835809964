"""Claims: deliveries taken by one sender under a lease of the database's clock, kept alive by a heartbeat."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Engine,
    Update,
    delete,
    exists,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from webapp.core import config
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.core.leases import PROCESS_NAME, Held, Lease
from webapp.messaging.mail_connections import condition
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.models import Claim, Delivery, DeliveryState, Lane, Phase

BATCH: Final = 10
ALL_LANES: Final = tuple(Lane)
URGENT_LANES: Final = (Lane.PERSON_WAITS, Lane.DEADLINE)
# A word of the statement itself: only then do the partial indexes on waiting rows serve.
WAITING: Final[ColumnElement[str]] = literal_column("'waiting'")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """Deliveries in the hands of one claim. The claim's id is the fence: who lost it writes nothing more."""

    claim_id: int
    connection_id: int
    delivery_ids: tuple[int, ...]


def may_send(connection_id: int) -> bool:
    """Whether messages may leave through the connection at this moment."""
    return condition.waiting_reason(db.session.get(MailConnection, connection_id)) is None


def has_due(connection_id: int, lanes: Sequence[Lane] = ALL_LANES) -> bool:
    """Whether something waits whose time has come and which may leave."""
    due = select(exists().where(*_due(connection_id), Delivery.lane.in_([lane.value for lane in lanes])))
    return bool(db.session.scalar(due)) and may_send(connection_id)


def list_due_connections() -> list[int]:
    """Return the connections for which somebody should be rung."""
    # One look into the index for each connection: a look at all that waits would grow with the queue.
    has_some = exists().where(
        Delivery.connection_id == MailConnection.id, Delivery.state == WAITING, Delivery.due_at <= now()
    )
    return [
        number for number in db.session.scalars(select(MailConnection.id).where(has_some)) if may_send(number)
    ]


def claim_due(connection_id: int, lanes: Sequence[Lane] = ALL_LANES, most: int = BATCH) -> Batch | None:
    """Take the next due deliveries of the most urgent lane that has any. The caller commits."""
    for lane in sorted(lanes):
        if not db.session.scalar(select(exists().where(*_due(connection_id), Delivery.lane == lane.value))):
            continue
        claim_id = _begin_claim(connection_id)
        taken = db.session.execute(_take(claim_id, connection_id, lane, most)).all()
        if taken:
            in_order = sorted(taken, key=lambda row: (row.due_at, row.id))
            return Batch(claim_id, connection_id, tuple(row.id for row in in_order))
        db.session.execute(delete(Claim).where(Claim.id == claim_id))  # others were quicker
    return None


def pass_dot(claim_id: int, delivery_id: int, sha256: str) -> bool:
    """Write that the end of the mail is about to be sent; False when the delivery is no longer ours.

    The caller commits before it sends the dot.
    """
    return _changed(
        update(Delivery)
        .where(*_mine(claim_id, delivery_id))
        .where(exists().where(Claim.id == claim_id, Claim.lease_until > sql_now()))
        .values(phase=Phase.DOT.value, raw_sha256=sha256)
    )


def mark_started(claim_id: int, delivery_id: int) -> bool:
    """Write that a delivery with which a worker died is tried again. The caller commits."""
    return _changed(update(Delivery).where(*_mine(claim_id, delivery_id)).values(phase=Phase.STARTED.value))


def settle(claim_id: int, delivery_id: int, values: dict[str, Any]) -> bool:
    """Write what became of a delivery; False, and nothing written, when it is no longer ours."""
    values = {"claim_id": None, "phase": None} | values
    return _changed(update(Delivery).where(*_mine(claim_id, delivery_id)).values(**values))


def give_back(claim_id: int) -> None:
    """Let go of whatever the claim still holds before its dot, and end the claim. The caller commits."""
    untouched = update(Delivery).where(
        Delivery.claim_id == claim_id,
        Delivery.state == DeliveryState.SENDING.value,
        Delivery.phase != Phase.DOT.value,
    )
    _changed(untouched.values(state=DeliveryState.WAITING.value, claim_id=None, phase=None))
    is_empty = ~exists().where(Delivery.claim_id == claim_id, Delivery.state == DeliveryState.SENDING.value)
    # A claim that holds a delivery after its dot stays, so that recovery counts the lost answer.
    _changed(delete(Claim).where(Claim.id == claim_id, is_empty))


@contextmanager
def heartbeat(batch: Batch, held: Held | None = None) -> Iterator[None]:
    """Prolong the claim (and the lease on the connection) while the block waits for the wire."""
    every_s = config.current().heartbeat
    stop = threading.Event()
    beat = _Beat(db.engine, batch.claim_id, held, config.current().lease)
    thread = threading.Thread(target=beat.run, args=(every_s, stop), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(every_s)


@dataclass(frozen=True)
class _Beat:
    """Runs in a thread with a connection of its own: the main one may wait ten minutes for an answer."""

    engine: Engine
    claim_id: int
    held: Held | None
    lease_s: float

    def run(self, every_s: float, stop: threading.Event) -> None:
        while not stop.wait(every_s):
            try:
                self._prolong()
            except Exception:  # a beat that fails is followed by the next; the lease bears several
                log.exception("the heartbeat of claim %s could not be written", self.claim_id)

    def _prolong(self) -> None:
        until = sql_now(self.lease_s)
        alive = update(Claim).where(Claim.id == self.claim_id, Claim.lease_until > sql_now())
        with self.engine.begin() as connection:
            connection.execute(alive.values(lease_until=until))
            if self.held is not None:
                ours = update(Lease).where(Lease.name == self.held.name, Lease.fence == self.held.fence)
                connection.execute(ours.where(Lease.holder == self.held.holder).values(until=until))


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


def _take(claim_id: int, connection_id: int, lane: Lane, most: int) -> ReturningUpdate[int, datetime]:
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
        .values(state=DeliveryState.SENDING.value, phase=Phase.CLAIMED.value, claim_id=claim_id)
        .returning(Delivery.id, Delivery.due_at)
        .execution_options(synchronize_session=False)
    )


def _mine(claim_id: int, delivery_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.id == delivery_id,
        Delivery.claim_id == claim_id,
        Delivery.state == DeliveryState.SENDING.value,
    )


def _changed(statement: Update | Delete) -> bool:
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount)
