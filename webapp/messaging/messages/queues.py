"""How the queue of each connection stands: how many wait, for how long, and when the last will have left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections import pace
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import queries
from webapp.messaging.messages.eta import Eta, Limits, estimate
from webapp.messaging.messages.models import Delivery
from webapp.messaging.messages.state_words import WAITING

#: With more the estimate is "at least".
MOST_COUNTED: Final = queries.MOST_COUNTED
_STOPPED: Final = frozenset(
    {
        WaitReason.UNRELEASED,
        WaitReason.DELETED,
        WaitReason.SWITCHED_OFF,
        WaitReason.PARAMETERS_INCOMPLETE,
    }
)


@dataclass(frozen=True)
class Queue:
    """What waits for a connection: ``due`` now, and the rest for a later try, the next at ``next_at``.

    Not more than MOST_COUNTED + 1 are counted. ``oldest_at`` is when the first due one was written.
    """

    connection: MailConnection
    waiting: int
    due: int
    oldest_at: datetime | None
    next_at: datetime | None
    eta: Eta

    @property
    def is_cut(self) -> bool:
        """Whether there are more than were counted."""
        return self.waiting > MOST_COUNTED

    @property
    def left_today(self) -> int | None:
        """Return how many may still leave today; None when there is no limit for a day."""
        most = self.connection.most_per_day
        return None if most is None else max(0, most - pace.sent_today(self.connection.state, now()))


def list_queues(connections: Sequence[MailConnection]) -> list[Queue]:
    """Return the queues in which anything waits."""
    return [queue for queue in map(queue_of, connections) if queue is not None]


def queue_of(connection: MailConnection) -> Queue | None:
    """Return the connection's queue; None when nothing waits."""
    mine = (Delivery.connection_id == connection.id, Delivery.state == WAITING)
    waiting, at = _count(*mine), now()
    if not waiting:
        return None
    first = select(Delivery.created_at, Delivery.due_at).where(*mine).order_by(Delivery.due_at).limit(1)
    oldest = db.session.execute(first).one()
    due = _count(*mine, Delivery.due_at <= at)
    later = select(func.min(Delivery.due_at)).where(*mine, Delivery.due_at > at)
    next_at = db.session.scalar(later) if due < waiting else None
    eta = estimate(due or waiting, connection.state.per_second, limits_of(connection, at), at)
    return Queue(connection, waiting, due, oldest.created_at if due else None, next_at, eta)


def limits_of(connection: MailConnection, at: datetime) -> Limits:
    """Return what keeps the connection's messages back at the moment."""
    return Limits(
        most_per_minute=pace.evenly_a_minute(connection),
        at_once=pace.at_once(connection, at),
        most_per_day=connection.most_per_day,
        sent_today=pace.sent_today(connection.state, at),
        paused_until=connection.state.paused_until,
        is_stopped=waiting_reason(connection) in _STOPPED,
        most_in_batch=connection.most_in_batch,
        batch_interval_s=connection.batch_interval_s,
    )


def _count(*conditions: ColumnElement[bool]) -> int:
    some = select(Delivery.due_at).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
