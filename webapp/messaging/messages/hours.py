"""How many tries succeeded and failed, hour by hour, for the picture of the last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Executable, func, select

from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.core.row_changes import execute_unflushed
from webapp.messaging.messages.models import DeliveryHour

HOURS: Final = 24
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Hour:
    """The tries of one hour: ``ago`` hours before the present one."""

    ago: int
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Hours:
    """The tries of the last hours, the latest last."""

    hours: tuple[Hour, ...]

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


def note_tries(connection_id: int, sent: int, failed: int) -> None:
    """Add tries to those of the present hour. The caller commits."""
    if not sent and not failed:
        return
    values = {"connection_id": connection_id, "hour": _hour_of(now()), "sent": sent, "failed": failed}
    execute_unflushed(_add(db.engine.dialect.name), values)


@lru_cache(maxsize=2)
def _add(_database: str) -> Executable:
    """Return the statement that begins an hour or adds to it."""
    statement = insert(DeliveryHour)
    more = {
        "sent": DeliveryHour.sent + statement.excluded.sent,
        "failed": DeliveryHour.failed + statement.excluded.failed,
    }
    keys = [DeliveryHour.connection_id, DeliveryHour.hour]
    return statement.on_conflict_do_update(index_elements=keys, set_=more)


def last_hours() -> Hours:
    """Return how the tries of all connections ended in the last hours."""
    latest = _hour_of(now())
    totals = select(DeliveryHour.hour, func.sum(DeliveryHour.sent), func.sum(DeliveryHour.failed))
    recent = totals.where(DeliveryHour.hour > latest - HOURS * _HOUR).group_by(DeliveryHour.hour)
    found = {hour: (sent, failed) for hour, sent, failed in db.session.execute(recent)}
    return Hours(tuple(Hour(ago, *found.get(latest - ago * _HOUR, (0, 0))) for ago in reversed(range(HOURS))))


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
