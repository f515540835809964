"""Working time: what of the time between two moments is worked, and when so much of it will be over.

Time is worked while the clock on the wall of a zone shows a time within the hours of its day. So an hour that
the clock skips is worked by nobody, and an hour that it shows twice is worked twice. What is added is time as
it passes, never the difference of two faces of the clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import accumulate
from typing import Final, NamedTuple

#: The hours of one day: from and to, since midnight by the clock of the zone; in order, and apart.
Hours = Sequence[tuple[timedelta, timedelta]]
HoursOf = Callable[[date], Hours]

TEN_YEARS: Final = 3_660
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
_DAYS_OF_SHORTEST_MONTH: Final = 28
#: Days before and after these have no zone that could be asked.
_FIRST_YEAR, _LAST_YEAR = 2, 9998

#: A stretch of time in ticks since 1970 in UTC: from, to.
_Stretch = tuple[int, int]


class TooFar(Exception):
    """Within the days that are looked at there is not so much working time."""


class _Month(NamedTuple):
    """The working time of one month: where each stretch begins, where it ends, what is worked until there."""

    starts: list[int]
    ends: list[int]
    sums: list[int]

    @property
    def total(self) -> int:
        """How much is worked in the whole month."""
        return self.sums[-1] if self.sums else 0

    def until(self, tick: int) -> int:
        """Return how much is worked in the month before this."""
        place = bisect_right(self.starts, tick) - 1
        if place < 0:
            return 0
        return self.sums[place] - max(self.ends[place] - tick, 0)

    def first_at(self, worked: int) -> int:
        """Return the first tick until which so much is worked, which is more than nothing."""
        place = bisect_right(self.sums, worked - 1)
        return self.ends[place] - (self.sums[place] - worked)

    def last_at(self, worked: int) -> int:
        """Return the last tick until which so much is worked, which is less than the total."""
        place = bisect_right(self.sums, worked)
        return self.ends[place] - (self.sums[place] - worked)


class WorkingTime:
    """The working time of a zone with these hours; within ``most_days`` everything must be found.

    What was counted of a month is kept. Safe to share between threads: a month counted twice is the same.
    """

    def __init__(self, zone: tzinfo, hours_of: HoursOf, most_days: int = TEN_YEARS) -> None:
        self.zone = zone
        self._hours_of = hours_of
        self._most_months = most_days // _DAYS_OF_SHORTEST_MONTH
        self._months: dict[int, _Month] = {}

    def add(self, moment: datetime, span: timedelta) -> datetime:
        """Return when so much working time is over: the first such moment. Raises TooFar.

        For a negative span it is the last moment from which so much is worked until ``moment``.
        """
        if not span:
            return moment.astimezone(UTC)
        tick, wanted = _ticks(moment), span // _TICK
        found = self._forth(tick, wanted) if wanted > 0 else self._back(tick, -wanted)
        return _EPOCH + timedelta(microseconds=found)

    def add_days(self, moment: datetime, days: int) -> datetime:
        """Return the same time of day so many days with work later, earlier for a negative number.

        Counted from the nearest time that is worked; what falls outside the hours of the day that is found
        moves on to the next worked moment, or back to the last one. Raises TooFar.
        """
        if not days:
            return moment.astimezone(UTC)
        step = 1 if days > 0 else -1
        local = self._nearest(moment, step).astimezone(self.zone)
        day, left = local.date(), abs(days)
        for _number in range(self._most_months * _DAYS_OF_SHORTEST_MONTH):
            day += step * _DAY
            _require_near(day.year)
            left -= bool(self._hours_of(day))
            if not left:
                found = datetime.combine(day, local.time(), self.zone)
                return self._nearest(found.astimezone(UTC), step)
        raise TooFar

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much is worked between, negative when the end comes first. Raises TooFar."""
        if end < start:
            return -self.between(end, start)
        first, last = self._number_at(start), self._number_at(end)
        if last - first > self._most_months:
            raise TooFar
        whole = sum(self._month(number).total for number in range(first, last))
        before, after = self._month(first).until(_ticks(start)), self._month(last).until(_ticks(end))
        return timedelta(microseconds=whole - before + after)

    def first_worked_from(self, moment: datetime) -> datetime:
        """Return the first moment, this one or later, at which somebody works. Raises TooFar."""
        return self.add(moment, _TICK) - _TICK

    def stretches_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return when there is work on the day, as moments in UTC. Raises TooFar."""
        _require_near(day.year)
        found = _joined(_stretches_of(day, self._hours_of(day), self.zone))
        return [(_EPOCH + start * _TICK, _EPOCH + end * _TICK) for start, end in found]

    def is_ever_worked(self, since: datetime) -> bool:
        """Whether any time at all is worked in the days that are looked at."""
        try:
            self.first_worked_from(since)
        except TooFar:
            return False
        return True

    def _nearest(self, moment: datetime, step: int) -> datetime:
        """Return the moment itself when it is worked, else the next one that is, or the last one."""
        return self.add(moment, step * _TICK) - step * _TICK

    def _forth(self, tick: int, wanted: int) -> int:
        number = self._number_at(_EPOCH + timedelta(microseconds=tick))
        wanted += self._month(number).until(tick)
        for ahead in range(self._most_months + 1):
            month = self._month(number + ahead)
            if wanted <= month.total:
                return month.first_at(wanted)
            wanted -= month.total
        raise TooFar

    def _back(self, tick: int, wanted: int) -> int:
        number = self._number_at(_EPOCH + timedelta(microseconds=tick))
        left = self._month(number).until(tick) - wanted
        for behind in range(self._most_months + 1):
            if left >= 0:
                return self._month(number - behind).last_at(left)
            left += self._month(number - behind - 1).total
        raise TooFar

    def _number_at(self, moment: datetime) -> int:
        try:
            local = moment.astimezone(self.zone)
        except OverflowError:
            raise TooFar from None
        return local.year * 12 + local.month - 1

    def _month(self, number: int) -> _Month:
        known = self._months.get(number)
        if known is None:
            known = self._months[number] = self._count(*divmod(number, 12))
        return known

    def _count(self, year: int, month: int) -> _Month:
        _require_near(year)
        day = date(year, month + 1, 1)
        found: list[_Stretch] = []
        while day.month == month + 1:
            found += _stretches_of(day, self._hours_of(day), self.zone)
            day += _DAY
        joined = _joined(found)
        sums = list(accumulate(end - start for start, end in joined))
        return _Month([start for start, _ in joined], [end for _, end in joined], sums)


def _stretches_of(day: date, hours: Hours, zone: tzinfo) -> Iterator[_Stretch]:
    """Yield when the clock of the zone shows these hours of the day."""
    if not hours:
        return
    midnight = _ticks(datetime(day.year, day.month, day.day, tzinfo=UTC))
    for offset, first, last in _offsets_around(day, zone):
        for opens, closes in hours:
            start = max(midnight + opens // _TICK - offset, first)
            end = min(midnight + closes // _TICK - offset, last)
            if start < end:
                yield start, end


def _offsets_around(day: date, zone: tzinfo) -> Iterable[tuple[int, int, int]]:
    """Return the distances from UTC in force on the day, in ticks, each with the ticks from and to when."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    # Zones lie up to 14 hours before UTC and 12 behind it, so the day lies within these three.
    marks = [midnight + number * _DAY for number in (-1, 0, 1, 2)]
    offsets = [_offset(mark, zone) for mark in marks]
    first, last = _ticks(marks[0]), _ticks(marks[3])
    if offsets.count(offsets[0]) == len(offsets):
        return ((offsets[0], first, last),)
    changes = [
        _change_between(start, end, zone)
        for start, end, before, after in zip(marks, marks[1:], offsets, offsets[1:], strict=False)
        if before != after
    ]
    ends = [_ticks(change) for change in changes]
    in_force = [offsets[0], *(_offset(change, zone) for change in changes)]
    return zip(in_force, [first, *ends], [*ends, last], strict=True)


def _change_between(start: datetime, end: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which the distance from UTC changes, which differs at the two."""
    before = _offset(start, zone)
    while end - start > timedelta(seconds=1):
        middle = start + (end - start) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if _offset(middle, zone) == before:
            start = middle
        else:
            end = middle
    return end


def _offset(moment: datetime, zone: tzinfo) -> int:
    distance = moment.astimezone(zone).utcoffset()
    return distance // _TICK if distance else 0


def _joined(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    joined: list[_Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // _TICK


def _require_near(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise TooFar
