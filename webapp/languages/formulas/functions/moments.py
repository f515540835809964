"""Moments. A moment carries a zone, by whose clock it is read; functions in UTC are derived from these."""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from webapp.languages.errors import Unfit
from webapp.languages.formulas import formats, operators
from webapp.languages.formulas.functions.registry import function
from webapp.languages.scope import Scope
from webapp.languages.values.kind import N_

_SATURDAY = 5


@function("NOW")
def current(scope: Scope) -> datetime:
    """Return the moment at which the formula is evaluated."""
    return scope.now


@function("ADDYEARS")
def add_years(moment: datetime, years: Decimal) -> datetime:
    """Go so many years on; the 29th of February becomes the 28th where there is none."""
    return add_months(moment, years * 12)


@function("ADDMONTHS")
def add_months(moment: datetime, months: Decimal) -> datetime:
    """Go so many months on; a day that the month does not have becomes its last."""
    years, month = divmod(moment.year * 12 + moment.month - 1 + _whole(months), 12)
    try:
        day = min(moment.day, monthrange(years, month + 1)[1])
        return moment.replace(year=years, month=month + 1, day=day)
    except ValueError:
        raise OverflowError("no such year") from None


@function("ADDDAYS")
def add_days(moment: datetime, days: Decimal) -> datetime:
    """Go so many days on; the clock shows the same time there."""
    return moment + timedelta(days=float(days))


@function("ADDHOURS")
def add_hours(scope: Scope, moment: datetime, hours: Decimal) -> datetime:
    """Let so many hours pass."""
    return _after(scope, moment, hours * 3600)


@function("ADDMINUTES")
def add_minutes(scope: Scope, moment: datetime, minutes: Decimal) -> datetime:
    """Let so many minutes pass."""
    return _after(scope, moment, minutes * 60)


@function("ADDSECONDS")
def add_seconds(scope: Scope, moment: datetime, seconds: Decimal) -> datetime:
    """Let so many seconds pass."""
    return _after(scope, moment, seconds)


@function("ADDLOC")
def add_duration(scope: Scope, moment: datetime, span: timedelta) -> datetime:
    """Let a duration pass."""
    later: datetime = operators.add(scope, moment, span)
    return later


@function("SUB")
def subtract_duration(scope: Scope, value: datetime | timedelta, span: timedelta) -> datetime | timedelta:
    """Go back by a duration."""
    earlier: datetime | timedelta = operators.subtract(scope, value, span)
    return earlier


@function("GETSPAN")
def span_between(scope: Scope, later: datetime, earlier: datetime) -> timedelta:
    """Return how much time lies between; negative when the first moment is the earlier one."""
    span: timedelta = operators.subtract(scope, later, earlier)
    return span


@function("YEAR")
def year(moment: datetime, zone: str | None = None) -> Decimal:
    """Return the year, by the clock of a zone if one is named."""
    return Decimal(in_zone(moment, zone).year)


@function("MONTH")
def month(moment: datetime, zone: str | None = None) -> Decimal:
    """Return the month from 1 to 12."""
    return Decimal(in_zone(moment, zone).month)


@function("DAY")
def day(moment: datetime, zone: str | None = None) -> Decimal:
    """Return the day of the month."""
    return Decimal(in_zone(moment, zone).day)


@function("HOUR")
def hour(moment: datetime, zone: str | None = None) -> Decimal:
    """Return the hour from 0 to 23."""
    return Decimal(in_zone(moment, zone).hour)


@function("MINUTE")
def minute(moment: datetime, zone: str | None = None) -> Decimal:
    """Return the minute."""
    return Decimal(in_zone(moment, zone).minute)


@function("SECOND")
def second(moment: datetime, zone: str | None = None) -> Decimal:
    """Return the second."""
    return Decimal(in_zone(moment, zone).second)


@function("CENTURY")
def century(moment: datetime) -> Decimal:
    """Return the century: 2000 belongs to the 20th."""
    return Decimal((moment.year + 99) // 100)


@function("DAYOFWEEK")
def day_of_week(scope: Scope, moment: datetime) -> str:
    """Return the name of the day in the reader's language."""
    return str(format_date(moment, "EEEE", locale=scope.language))


@function("DAYOFYEAR")
def day_of_year(moment: datetime) -> Decimal:
    """Return the number of the day in its year."""
    return Decimal(moment.timetuple().tm_yday)


@function("WEEKOFYEAR")
def week_of_year(moment: datetime) -> Decimal:
    """Return how many whole weeks of the year are over at the end of the day."""
    return Decimal(moment.timetuple().tm_yday // 7)


@function("DAYSINMONTH")
def days_in_month(moment: datetime | Decimal, number: Decimal | None = None) -> Decimal | None:
    """Return how many days the month of a moment has, or a month given by year and number."""
    if isinstance(moment, datetime):
        return Decimal(monthrange(moment.year, moment.month)[1])
    if number is None or not 1 <= number <= 12 or not 1 <= moment <= 9999:
        return None
    return Decimal(monthrange(int(moment), int(number))[1])


@function("ISLEAPYEAR")
def is_leap_year(moment: datetime) -> bool:
    """Whether the year has 366 days."""
    return isleap(moment.year)


@function("ISTODAY")
def is_today(scope: Scope, moment: datetime) -> bool:
    """Whether the moment lies in the present day, by the clock of its zone."""
    return moment.date() == scope.now.astimezone(moment.tzinfo).date()


@function("ISWEEKEND")
def is_weekend(moment: datetime) -> bool:
    """Whether it is Saturday or Sunday."""
    return moment.weekday() >= _SATURDAY


@function("ISWORKDAY")
def is_workday(moment: datetime) -> bool:
    """Whether it is a day from Monday to Friday."""
    return not is_weekend(moment)


@function("CONVERTTIMEZONE", "CONVERTTIMEZONEUTC")
def convert(moment: datetime, zone: str) -> datetime:
    """Return the same moment, read by the clock of a zone."""
    return in_zone(moment, zone)


@function("ISOFORMAT")
def iso(moment: datetime) -> str:
    """Write ISO 8601 with the offset."""
    return moment.isoformat()


@function("ISOFORMATUTC")
def iso_utc(moment: datetime) -> str:
    """Write ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@function("FORMATLOC")
def write(scope: Scope, moment: datetime, form: str) -> str:
    """Write a moment by a format."""
    return formats.moment(moment, form, scope.language)


@function("PARSEDATE")
def read(scope: Scope, text: str, form: str) -> datetime | None:
    """Read a moment of the reader's zone that is written in a format."""
    return formats.read_moment(text, form, scope.language, scope.zone)


@function("PARSEDATEUTC")
def read_utc(scope: Scope, text: str, form: str) -> datetime | None:
    """Read a moment of UTC that is written in a format, and leave it there."""
    return formats.read_moment(text, form, scope.language, UTC)


def in_zone(moment: datetime, name: str | None) -> datetime:
    """Return the moment by the clock of a zone. Raises Unfit when there is no such zone."""
    return moment if name is None else moment.astimezone(zone_named(name))


def zone_named(name: str) -> tzinfo:
    """Return a zone by its IANA name. Raises Unfit."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Unfit(
            N_("There is no time zone “%(name)s”. Names look like Europe/Moscow."), name=name[:40]
        ) from None


def _after(scope: Scope, moment: datetime, seconds: Decimal) -> datetime:
    return add_duration(scope, moment, timedelta(seconds=float(seconds)))


def _whole(number: Decimal) -> int:
    return int(min(max(number, Decimal(-(10**6))), Decimal(10**6)))
