"""Working days and hours: Monday to Friday, but for the days of a list, which are the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from webapp.languages.errors import Unfit
from webapp.languages.formulas.functions.lists import spread
from webapp.languages.formulas.functions.moments import zone_named
from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import type_of
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_
from webapp.languages.working_time import Hours, TooFar, WorkingTime

_SATURDAY = 5
_DAY = timedelta(days=1)
#: So many days are looked at, at most: some hundred years.
_MOST_DAYS = 40_000

Exceptions = tuple[Value, ...] | None


class Calendar:
    """Which days are worked, by the clock of one zone."""

    def __init__(self, zone: tzinfo, exceptions: Exceptions) -> None:
        self.zone = zone
        self._exceptions = {_day_of(each, zone) for each in spread(exceptions or ())}

    def is_worked(self, day: date) -> bool:
        """Whether somebody works on this day."""
        return (day.weekday() < _SATURDAY) is not (day in self._exceptions)

    def days_from(self, day: date) -> Iterator[date]:
        """Yield the working days from this one on. Raises Unfit when none follow."""
        for _ in range(_MOST_DAYS):
            if self.is_worked(day):
                yield day
            day += _DAY
        raise _too_far()

    def working_time(self, opens: timedelta, length: timedelta) -> WorkingTime:
        """Return the time that is worked in days of this length."""
        hours = ((opens, opens + length),)

        def hours_of(day: date) -> Hours:
            return hours if self.is_worked(day) else ()

        return WorkingTime(self.zone, hours_of, _MOST_DAYS)

    def at(self, day: date, span: timedelta) -> datetime:
        """Return the moment when the clock shows so much on that day."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone) + span


@function("WORKDAYS")
def add_days(scope: Scope, moment: datetime, days: Decimal, exceptions: Exceptions = None) -> datetime:
    """Go so many working days on from the first that is one."""
    return _add_days(Calendar(scope.zone, exceptions), moment, days)


@function("WORKDAYSTZ")
def add_days_in_zone(moment: datetime, days: Decimal, exceptions: Exceptions, zone: str) -> datetime:
    """Go so many working days on; return midnight of that day, by the clock of the zone."""
    calendar = Calendar(zone_named(zone), exceptions)
    return calendar.at(_add_days(calendar, moment, days).date(), timedelta())


@function("WORKDAYSUTC")
def add_days_in_utc(scope: Scope, moment: datetime, days: Decimal) -> datetime:
    """Go so many working days on, by the calendar of UTC."""
    return _add_days(Calendar(UTC, None), moment, days).astimezone(scope.zone)


@function("WORKDAYSDURATION")
def days_between(scope: Scope, start: datetime, end: datetime, exceptions: Exceptions = None) -> timedelta:
    """Return how much of the time between lies in working days."""
    return _worked(Calendar(scope.zone, exceptions), start, end, timedelta(), _DAY)


@function("WORKDAYSDURATIONTZ")
def days_between_in_zone(start: datetime, end: datetime, exceptions: Exceptions, zone: str) -> timedelta:
    """Return how much of the time between lies in working days of the zone."""
    return _worked(Calendar(zone_named(zone), exceptions), start, end, timedelta(), _DAY)


@function("WORKDAYSDURATIONUTC")
def days_touched(start: datetime, end: datetime) -> Decimal:
    """Return how many working days of UTC there are from the first to the last, both included."""
    calendar = Calendar(UTC, None)
    return Decimal(sum(map(calendar.is_worked, _days(calendar, start, end))))


@function("WORKHOURS")
def add_hours(scope: Scope, moment: datetime, hours: Decimal, *day: Value) -> datetime:
    """Return when so many working hours are over; the day is its start, its length and the exceptions."""
    start, length, exceptions = (*day, None)[:3]
    return _add_hours(Calendar(scope.zone, exceptions), moment, hours, start, length)


@function("WORKHOURSTZ")
def add_hours_in_zone(moment: datetime, hours: Decimal, *day: Value) -> datetime:
    """Return when so many working hours of a zone are over, which follows the exceptions."""
    start, length, exceptions, zone = day
    return _add_hours(Calendar(zone_named(zone), exceptions), moment, hours, start, length)


@function("WORKHOURSDURATION")
def hours_between(scope: Scope, start: datetime, end: datetime, *day: Value) -> timedelta:
    """Return how much of the time between lies in working hours."""
    opens, length, exceptions = (*day, None)[:3]
    return _worked(Calendar(scope.zone, exceptions), start, end, opens, length)


@function("WORKHOURSDURATIONTZ")
def hours_between_in_zone(start: datetime, end: datetime, *day: Value) -> timedelta:
    """Return how much of the time between lies in working hours of a zone, which follows the exceptions."""
    opens, length, exceptions, zone = day
    return _worked(Calendar(zone_named(zone), exceptions), start, end, opens, length)


def _add_days(calendar: Calendar, moment: datetime, days: Decimal) -> datetime:
    local = moment.astimezone(calendar.zone)
    since_midnight = local.replace(tzinfo=None) - datetime.combine(local.date(), datetime.min.time())
    following = calendar.days_from(local.date())
    day = next(following)
    for _ in range(int(min(max(days, Decimal(0)), Decimal(_MOST_DAYS)))):
        day = next(following)
    return calendar.at(day, since_midnight)


def _add_hours(
    calendar: Calendar, moment: datetime, hours: Decimal, start: timedelta, length: timedelta
) -> datetime:
    _check_day(start, length)
    span = timedelta(hours=float(min(max(hours, Decimal(0)), Decimal(24 * _MOST_DAYS))))
    try:
        working_time = calendar.working_time(start, length)
        found = working_time.add(moment, span) if span else working_time.first_worked_from(moment)
        return found.astimezone(calendar.zone)
    except TooFar:
        raise _too_far() from None


def _worked(
    calendar: Calendar, start: datetime, end: datetime, opens: timedelta, length: timedelta
) -> timedelta:
    _check_day(opens, length)
    try:
        return calendar.working_time(opens, length).between(start, end)
    except TooFar:
        raise _too_far() from None


def _days(calendar: Calendar, start: datetime, end: datetime) -> Iterator[date]:
    first, last = (moment.astimezone(calendar.zone).date() for moment in (start, end))
    if (last - first).days > _MOST_DAYS:
        raise _too_far()
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _too_far() -> Unfit:
    return Unfit(N_("This is too far away: at most %(most)s days are counted."), most=_MOST_DAYS)


def _day_of(exception: Value, zone: tzinfo) -> date:
    if not isinstance(exception, datetime):
        raise Unfit(N_("The exceptions must be dates, and this is %(type)s."), type=type_of(exception))
    return exception.astimezone(zone).date()


def _check_day(start: timedelta, length: timedelta) -> None:
    if start < timedelta() or length <= timedelta() or start + length > _DAY:
        raise Unfit(N_("The working day must begin and end within one day."))
