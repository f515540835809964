"""The clock of one deadline: it starts, pauses, goes on, is met, is opened again; see ``Deadline``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from webapp.desk.agreements.models import Deadline
from webapp.languages.working_time import TEN_YEARS, TooFar, WorkingTime

#: Works always: for a deadline whose calendar is gone.
ROUND_THE_CLOCK: Final = WorkingTime(UTC, lambda _day: ((timedelta(), timedelta(days=1)),))
#: More working time than this is never counted.
_LONGEST: Final = timedelta(days=TEN_YEARS)


class Clock(Protocol):
    """What must be known of a deadline to say when a share of its term is over."""

    @property
    def starts_at(self) -> datetime:
        """When it began."""

    @property
    def due_at(self) -> datetime | None:
        """Until when, if its clock runs."""

    @property
    def term_s(self) -> int | None:
        """How many seconds of working time were promised, if any."""

    @property
    def is_named(self) -> bool:
        """Whether a person named the moment."""


def start(deadline: Deadline, term_s: int, working_time: WorkingTime) -> None:
    """Let the clock run from the beginning of the deadline."""
    deadline.counted_from, deadline.left_s, deadline.term_s = deadline.starts_at, term_s, term_s
    count(deadline, working_time)


def count(deadline: Deadline, working_time: WorkingTime) -> None:
    """Find out anew when it is due, unless it is met, paused, withdrawn, or was named by a person."""
    if deadline.is_named or deadline.met_at is not None:
        return
    is_unknown = deadline.paused_at is not None or deadline.is_withdrawn
    deadline.due_at = None if is_unknown else _end(deadline, working_time)


def change_term(deadline: Deadline, term_s: int, working_time: WorkingTime) -> None:
    """Give it another term; what was spent of the old one is spent of the new one."""
    if deadline.term_s is None:
        spent = _counted(working_time, deadline.starts_at, deadline.counted_from)
        deadline.left_s = term_s - spent
    else:
        deadline.left_s += term_s - deadline.term_s
    deadline.term_s = term_s
    count(deadline, working_time)


def name(deadline: Deadline, due_at: datetime) -> None:
    """Set the moment that a person named."""
    deadline.is_named, deadline.due_at = True, due_at


def forget_name(deadline: Deadline, working_time: WorkingTime) -> None:
    """Go back to what the clock says."""
    deadline.is_named = False
    count(deadline, working_time)


def pause(deadline: Deadline, working_time: WorkingTime, at: datetime) -> None:
    """Stop the clock and keep what is left."""
    if deadline.paused_at is None and deadline.met_at is None:
        _stop(deadline, working_time, at)
        deadline.paused_at = at
        count(deadline, working_time)


def run(deadline: Deadline, working_time: WorkingTime, at: datetime) -> None:
    """Let a clock that stands, because it was paused or met, go on with what is left."""
    if deadline.paused_at is None and deadline.met_at is None:
        return
    deadline.paused_at = deadline.met_at = None
    deadline.is_late = False
    deadline.counted_from = at
    count(deadline, working_time)


def meet(deadline: Deadline, working_time: WorkingTime, at: datetime) -> None:
    """Note that what had to happen happened."""
    if deadline.met_at is not None:
        return
    if deadline.paused_at is None:
        _stop(deadline, working_time, at)
    is_over = at > deadline.due_at if deadline.due_at else deadline.term_s is not None and deadline.left_s < 0
    deadline.met_at, deadline.is_late, deadline.paused_at = at, is_over, None


def left(deadline: Deadline, working_time: WorkingTime, at: datetime) -> timedelta:
    """Return how much working time is left, negative when it is late by so much."""
    if deadline.is_named and deadline.due_at is not None:
        return timedelta(seconds=_counted(working_time, at, deadline.due_at))
    if deadline.paused_at is not None or deadline.met_at is not None:
        return timedelta(seconds=deadline.left_s)
    return timedelta(seconds=deadline.left_s - _counted(working_time, deadline.counted_from, at))


def whole_term(deadline: Clock, working_time: WorkingTime) -> timedelta:
    """Return the working time of the whole term: of a named moment, that from the beginning until then."""
    if deadline.term_s is not None and not deadline.is_named:
        return timedelta(seconds=deadline.term_s)
    if deadline.due_at is None:
        return timedelta()
    return timedelta(seconds=_counted(working_time, deadline.starts_at, deadline.due_at))


def moment_at(deadline: Clock, share: float, working_time: WorkingTime) -> datetime | None:
    """Return when this share of the term is over: 0.75 is a quarter of the term before it is due.

    None while the clock stands, and when there is no such moment.
    """
    if deadline.due_at is None:
        return None
    if share == 1:
        return deadline.due_at
    span = whole_term(deadline, working_time) * (share - 1)
    try:
        return working_time.add(deadline.due_at, span)
    except TooFar:
        return None


def _stop(deadline: Deadline, working_time: WorkingTime, at: datetime) -> None:
    # A clock that was set back must not give time away.
    deadline.left_s -= max(_counted(working_time, deadline.counted_from, at), 0)
    deadline.counted_from = at


def _end(deadline: Deadline, working_time: WorkingTime) -> datetime | None:
    if deadline.term_s is None:
        return None
    try:
        return working_time.add(deadline.counted_from, timedelta(seconds=deadline.left_s))
    except TooFar:
        return None


def _counted(working_time: WorkingTime, start: datetime, end: datetime) -> int:
    try:
        found = working_time.between(start, end)
    except TooFar:
        found = _LONGEST if end > start else -_LONGEST
    return round(found.total_seconds())
