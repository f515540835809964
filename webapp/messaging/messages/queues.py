"""How the queue of each connection stands: how many wait, for how long, and when the last will have left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.mail.transports.base import Verdict
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.claims import WAITING
from webapp.messaging.messages.eta import Eta, Limits, estimate
from webapp.messaging.messages.models import Attempt, Delivery

#: More are not counted: the estimate is "at least" then.
MOST_COUNTED: Final = 20_000
#: So many of the latest tries are looked at for the picture of the last hours.
MOST_TRIES: Final = 10_000
HOURS: Final = 24
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
        return None if most is None else max(0, most - _sent_today(self.connection, now()))


@dataclass(frozen=True)
class Hour:
    """The tries of one hour: ``ago`` hours before the present one."""

    ago: int
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Hours:
    """The tries of the last hours, the latest last; those before were too many when ``is_cut``."""

    hours: tuple[Hour, ...]
    is_cut: bool

    @property
    def sent(self) -> int:
        """Return how many were sent."""
        return sum(hour.sent for hour in self.hours)

    @property
    def failed(self) -> int:
        """Return how many tries failed."""
        return sum(hour.failed for hour in self.hours)

    @property
    def most(self) -> int:
        """Return the tries of the busiest hour."""
        return max(hour.sent + hour.failed for hour in self.hours)


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
    state, a_minute = connection.state, connection.most_per_minute
    at_once = 0.0
    if a_minute and state.tokens is not None and state.tokens_at is not None:
        passed_s = max(0.0, (at - state.tokens_at).total_seconds())
        at_once = min(float(a_minute), state.tokens + passed_s * a_minute / 60)
    return Limits(
        most_per_minute=a_minute,
        at_once=max(0.0, at_once),
        most_per_day=connection.most_per_day,
        sent_today=_sent_today(connection, at),
        paused_until=state.paused_until,
        is_stopped=waiting_reason(connection) in _STOPPED,
    )


def last_hours() -> Hours:
    """Return how the latest tries of all connections ended, hour by hour."""
    tries = select(Attempt.at, Attempt.verdict)
    latest = tries.order_by(Attempt.delivery_id.desc(), Attempt.n.desc()).limit(MOST_TRIES).subquery()
    at = now()
    ago = _hours_between(latest.c.at, at).label("ago")
    is_sent = latest.c.verdict == Verdict.SENT.value
    counted = select(ago, func.sum(case((is_sent, 1), else_=0)).label("sent"), func.count().label("tries"))
    counted = counted.where(latest.c.at > at - timedelta(hours=HOURS)).group_by(ago)
    found = {row.ago: Hour(row.ago, row.sent, row.tries - row.sent) for row in db.session.execute(counted)}
    hours = tuple(found.get(number, Hour(number)) for number in reversed(range(HOURS)))
    return Hours(hours, is_cut=sum(hour.sent + hour.failed for hour in hours) >= MOST_TRIES)


def _sent_today(connection: MailConnection, at: datetime) -> int:
    return connection.state.sent_today if connection.state.sent_on == at.astimezone(UTC).date() else 0


def _count(*conditions: ColumnElement[bool]) -> int:
    some = select(Delivery.due_at).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _hours_between(column: Any, at: datetime) -> ColumnElement[int]:  # noqa: ANN401 - a column of a subquery
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    # Whole seconds: SQLite has no moments, and gives them only as text.
    since_1970 = func.strftime("%s", column) if is_sqlite else func.floor(func.extract("epoch", column))
    return (literal(int(at.timestamp())) - cast(since_1970, Integer)) // 3600
