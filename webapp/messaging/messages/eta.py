"""When a queue will be empty: by the measured rate and the limits for a minute and a day.

A library: it reads neither the clock nor the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

#: Nobody plans further ahead; what takes longer is said to take longer than this.
LONGEST: Final = timedelta(days=366)
_DAY: Final = timedelta(days=1)


class Why(StrEnum):
    """What an estimate follows from, or why there is none."""

    EMPTY = "empty"
    SPEED = "speed"
    MINUTE_LIMIT = "minute_limit"
    BATCHES = "batches"
    DAY_LIMIT = "day_limit"
    PAUSED = "paused"
    STOPPED = "stopped"
    NOT_MEASURED = "not_measured"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Limits:
    """What keeps messages back.

    ``at_once`` may leave now, and then ``most_per_minute`` in each minute, evenly; ``sent_today`` counts
    from midnight UTC. Of batches there is one every ``batch_interval_s``. ``is_stopped`` has no end that is
    known.
    """

    most_per_minute: int | None = None
    at_once: float = 0
    most_per_day: int | None = None
    sent_today: int = 0
    paused_until: datetime | None = None
    is_stopped: bool = False
    most_in_batch: int | None = None
    batch_interval_s: int | None = None


@dataclass(frozen=True)
class Eta:
    """When the last one leaves; None when that is not known. For a pause ``until`` is its end."""

    at: datetime | None
    why: Why
    until: datetime | None = None


def estimate(waiting: int, per_second: float | None, limits: Limits, now: datetime) -> Eta:
    """Return when so many waiting messages will have left.

    ``per_second`` is the rate lately measured, None when there is none. Never raises.
    """
    if waiting <= 0:
        return Eta(now, Why.EMPTY)
    if limits.is_stopped:
        return Eta(None, Why.STOPPED)
    if limits.paused_until is not None and limits.paused_until > now:
        return Eta(None, Why.PAUSED, limits.paused_until)
    rate = per_second if per_second and per_second > 0 else None
    if rate is None and not limits.most_per_minute and not limits.batch_interval_s:
        return Eta(None, Why.NOT_MEASURED)
    flowing = _flow(waiting, rate, limits)
    held_back = _days(waiting, rate, limits, now)
    longest, why = max(flowing, held_back) if held_back else flowing
    if longest > LONGEST.total_seconds():
        return Eta(None, Why.TOO_LONG)
    return Eta(now + timedelta(seconds=longest), why)


def _flow(messages: int, rate: float | None, limits: Limits) -> tuple[float, Why]:
    """Return the seconds that so many take, when no day's limit keeps them back."""
    possible = [(messages / rate if rate else 0.0, Why.SPEED)]
    if limits.most_per_minute:
        late = max(0.0, messages - limits.at_once)
        possible.append((late * 60 / limits.most_per_minute, Why.MINUTE_LIMIT))
    if limits.batch_interval_s and limits.most_in_batch:
        pauses = (messages - 1) // limits.most_in_batch
        possible.append((float(pauses * limits.batch_interval_s), Why.BATCHES))
    return max(possible)


def _days(waiting: int, rate: float | None, limits: Limits, now: datetime) -> tuple[float, Why] | None:
    """Return the seconds until the last leaves on its day; None when all of them may leave today."""
    if not limits.most_per_day:
        return None
    later = waiting - max(0, limits.most_per_day - limits.sent_today)
    if later <= 0:
        return None
    whole_days, on_the_last = divmod(later - 1, limits.most_per_day)
    if whole_days > LONGEST.days:
        return LONGEST.total_seconds() * 2, Why.DAY_LIMIT
    midnight = datetime.combine(now.astimezone(UTC).date() + _DAY, time(), UTC)
    seconds, _why = _flow(on_the_last + 1, rate, limits)
    return (midnight + whole_days * _DAY - now).total_seconds() + seconds, Why.DAY_LIMIT
