"""The coming months of a calendar as a picture: which days are worked, which are not, and why."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from webapp.people.calendars import hours_text, public_holidays
from webapp.people.calendars.models import WorkingCalendar
from webapp.people.calendars.queries import definition_of

MONTHS: Final = 6
WORKED, OFF, HOLIDAY, EXCEPTION = "worked", "off", "holiday", "exception"


@dataclass(frozen=True)
class Day:
    """One day: whether it is worked, and what is special about it."""

    day: date
    kind: str
    hours: str
    name: str = ""

    @property
    def is_worked(self) -> bool:
        """Whether anybody works on the day."""
        return bool(self.hours)


@dataclass(frozen=True)
class Month:
    """One month in weeks from Monday on; days of other months are None."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]


class Preview:
    """The months from ``since`` on, in the reader's language."""

    def __init__(self, calendar: WorkingCalendar, since: date, language: str) -> None:
        self._definition = definition_of(calendar)
        self._own = {each.day: each.name for each in calendar.exceptions}
        self._language = language
        self.months = tuple(self._month(first) for first in _firsts(since))

    @property
    def special_days(self) -> list[Day]:
        """The days that are not as their weekday, in order."""
        days = (day for month in self.months for week in month.weeks for day in week if day)
        return [day for day in days if day.name]

    def _month(self, first: date) -> Month:
        weeks = Calendar().monthdatescalendar(first.year, first.month)
        return Month(
            first,
            tuple(
                tuple(self._day(day) if day.month == first.month else None for day in week) for week in weeks
            ),
        )

    def _day(self, day: date) -> Day:
        hours = hours_text.write(self._definition.minutes_of(day))
        kind, name = WORKED if hours else OFF, ""
        if day in self._own:
            kind, name = EXCEPTION, self._own[day]
        elif self._definition.country:
            year = public_holidays.of_year(
                self._definition.country, self._definition.part, day.year, self._language
            )
            if day in year.off:
                kind, name = HOLIDAY, year.off[day]
        return Day(day, kind, hours, name)


def _firsts(since: date) -> Iterator[date]:
    first = since.replace(day=1)
    for _ in range(MONTHS):
        yield first
        first = (first + timedelta(days=31)).replace(day=1)
