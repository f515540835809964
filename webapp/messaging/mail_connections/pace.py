"""How fast messages may leave through a connection: so many a minute, a day (in UTC), in a batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from webapp.messaging.mail_connections.models import ConnectionState, MailConnection

#: Two machines' clocks may differ by so much; what lies further ahead is from before a clock was set back.
_CLOCK_SET_BACK_S: Final = 60.0


class Limit(StrEnum):
    """Which limit keeps messages back."""

    MINUTE = "minute"
    DAY = "day"
    BATCH = "batch"


@dataclass(frozen=True)
class Room:
    """How many may leave now; when none may, by which limit, and from when on one may."""

    messages: int
    limit: Limit | None = None
    next_at: datetime | None = None


def room(connection: MailConnection, at: datetime, wanted: int = 1, *, is_in_batch: bool = False) -> Room:
    """Return how many of the ``wanted`` messages may leave at the moment.

    Whoever ``is_in_batch`` does not wait for the next one.
    """
    next_batch_at = None if is_in_batch else _next_batch_at(connection, at)
    if next_batch_at is not None:
        return Room(0, Limit.BATCH, next_batch_at)
    a_day = connection.most_per_day
    left_today = wanted if a_day is None else a_day - sent_today(connection.state, at)
    if left_today < 1:
        return Room(0, Limit.DAY, _tomorrow(at))
    tokens = _tokens(connection, at)
    if tokens is None:
        return Room(min(wanted, left_today))
    if tokens < 1:
        seconds = (1 - tokens) / _per_second(connection)
        return Room(0, Limit.MINUTE, at + timedelta(seconds=seconds))
    return Room(min(wanted, left_today, int(tokens)))


def take(connection: MailConnection, messages: int, at: datetime) -> None:
    """Count messages about to leave; a negative number gives back. The caller has locked the state's row."""
    state = connection.state
    if messages > 0:
        end_batch(connection, at)
    tokens = _tokens(connection, at)
    if tokens is not None:
        state.tokens, state.tokens_at = min(tokens - messages, _most_at_once(connection)), at
    if connection.most_per_day is not None:
        state.sent_today = max(0, sent_today(state, at) + messages)
        state.sent_on = at.astimezone(UTC).date()


def end_batch(connection: MailConnection, at: datetime) -> None:
    """Let the next batch begin after the interval: said when one begins too, in case its sender dies."""
    if connection.batch_interval_s is not None:
        connection.state.next_batch_at = at + timedelta(seconds=connection.batch_interval_s)


def is_limited(connection: MailConnection) -> bool:
    """Whether there is any limit for which messages are counted."""
    return (
        connection.most_per_minute is not None
        or connection.most_per_day is not None
        or connection.batch_interval_s is not None
    )


def opens_soon(connection: MailConnection) -> bool:
    """Whether there is a limit that opens again within minutes."""
    return connection.most_per_minute is not None or connection.batch_interval_s is not None


def sent_today(state: ConnectionState, at: datetime) -> int:
    """Return how many have left on the day of the moment, as far as a limit made us count."""
    return state.sent_today if state.sent_on == at.astimezone(UTC).date() else 0


def at_once(connection: MailConnection, at: datetime) -> float:
    """Return how many the limit for a minute lets leave at the moment; 0 when there is no such limit."""
    return max(0.0, _tokens(connection, at) or 0.0)


def evenly_a_minute(connection: MailConnection) -> int | None:
    """Return how many a minute may leave after those that may leave at once; None for any number."""
    a_minute = connection.most_per_minute
    return None if a_minute is None else a_minute - a_minute // 10


def _next_batch_at(connection: MailConnection, at: datetime) -> datetime | None:
    """Return when the next batch may begin; None when it may now."""
    interval_s, next_at = connection.batch_interval_s, connection.state.next_batch_at
    if interval_s is None or next_at is None or next_at <= at:
        return None
    longest = timedelta(seconds=interval_s + _CLOCK_SET_BACK_S)
    return next_at if next_at <= at + longest else None


def _tokens(connection: MailConnection, at: datetime) -> float | None:
    """Return the messages that may leave at once; None for any number.

    A tenth of a minute's number may leave together and the rest flows evenly, so that in no minute more
    leave than allowed.
    """
    if connection.most_per_minute is None:
        return None
    most, state = _most_at_once(connection), connection.state
    if state.tokens is None or state.tokens_at is None:
        return float(most)
    passed_s = (at - state.tokens_at).total_seconds()
    if passed_s < -_CLOCK_SET_BACK_S:
        return float(most)
    return min(float(most), state.tokens + max(0.0, passed_s) * _per_second(connection))


def _most_at_once(connection: MailConnection) -> int:
    return max(1, (connection.most_per_minute or 1) // 10)


def _per_second(connection: MailConnection) -> float:
    return (evenly_a_minute(connection) or 1) / 60


def _tomorrow(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
