"""What a calendar says, apart from the database: equal calendars have one working time, counted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Final

from webapp.core.locales import zone_or_utc
from webapp.languages.working_time import Hours, WorkingTime
from webapp.people.calendars import public_holidays
from webapp.people.calendars.hours_text import DAY, Minutes

Week = tuple[Minutes, ...]

_TIMES: Final = tuple(timedelta(minutes=number) for number in range(DAY + 1))
#: So many calendars are kept with what was counted of them.
MOST_KEPT: Final = 100


@dataclass(frozen=True)
class Definition:
    """The zone, the hours of Monday to Sunday, whose holidays are kept, and days with hours of their own.

    An exception counts more than a holiday, a holiday more than the weekday. On a day of the weekend to which
    the government moved work people work as on the first working day of their week.
    """

    time_zone: str
    week: Week
    country: str | None = None
    part: str | None = None
    exceptions: tuple[tuple[date, Minutes], ...] = field(default=())

    def minutes_of(self, day: date) -> Minutes:
        """Return the hours of the day, in minutes since midnight."""
        own = self._own.get(day)
        if own is not None:
            return own
        usual = self.week[day.weekday()]
        if self.country is None:
            return usual
        year = public_holidays.of_year(self.country, self.part, day.year)
        if day in year.off:
            return ()
        return self._first_worked if not usual and day in year.moved else usual

    def hours_of(self, day: date) -> Hours:
        """Return the hours of the day as the arithmetic of working time wants them."""
        return [(_TIMES[start], _TIMES[end]) for start, end in self.minutes_of(day)]

    @cached_property
    def _own(self) -> Mapping[date, Minutes]:
        return dict(self.exceptions)

    @cached_property
    def _first_worked(self) -> Minutes:
        return next(filter(None, self.week), ())


@lru_cache(maxsize=MOST_KEPT)
def working_time(definition: Definition) -> WorkingTime:
    """Return the working time of the calendar; what was counted of it is kept in this process."""
    return WorkingTime(zone_or_utc(definition.time_zone), definition.hours_of)


def as_minutes(stored: Iterable[Iterable[int]]) -> Minutes:
    """Return hours as they are stored (JSON) in the form in which they are compared."""
    return tuple((start, end) for start, end in stored)


def as_week(stored: Iterable[Iterable[Iterable[int]]]) -> Week:
    """Return the hours of a week as they are stored (JSON) in the form in which they are compared."""
    return tuple(as_minutes(day) for day in stored)
