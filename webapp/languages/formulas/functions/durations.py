"""Durations: measured in units, made of seconds, written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from webapp.languages.formulas import operators
from webapp.languages.formulas.functions.literals import DAYS_OF_MONTH, DAYS_OF_YEAR
from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import NUMBERS
from webapp.languages.scope import Scope

_DAY_S = 86_400
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_TENTH = Decimal("0.1")


@function("SECONDS")
def seconds(span: timedelta) -> Decimal:
    """Return a duration in seconds."""
    return Decimal(span.days * _DAY_S + span.seconds) + Decimal(span.microseconds).scaleb(-6)


function("MINUTES")(lambda span: NUMBERS.divide(seconds(span), Decimal(60)))
function("HOURS")(lambda span: NUMBERS.divide(seconds(span), Decimal(3600)))
function("DAYS")(lambda span: NUMBERS.divide(seconds(span), Decimal(_DAY_S)))


@function("MONTHS")
def months(span: timedelta) -> Decimal:
    """Return a duration in months of 30 days, to one digit after the point."""
    return _tenths(span, Decimal(DAYS_OF_MONTH))


@function("QUARTERS")
def quarters(span: timedelta) -> Decimal:
    """Return a duration in quarters of a year of 365 days, to one digit after the point."""
    return _tenths(span, Decimal(DAYS_OF_YEAR) / 4)


@function("YEARS")
def years(span: timedelta) -> Decimal:
    """Return a duration in years of 365 days, to one digit after the point."""
    return _tenths(span, Decimal(DAYS_OF_YEAR))


@function("ADDDUR")
def add(scope: Scope, left: timedelta, right: timedelta) -> timedelta:
    """Add two durations."""
    both: timedelta = operators.add(scope, left, right)
    return both


@function("TODURATION")
def of_seconds(number: Decimal) -> timedelta:
    """Return so many seconds as a duration."""
    return timedelta(seconds=float(number))


@function("INSECONDS")
def in_seconds(value: datetime | timedelta | Decimal) -> Decimal | timedelta:
    """Return a duration in seconds, the seconds of a moment since the year 1, or seconds as a duration."""
    if isinstance(value, Decimal):
        return of_seconds(value)
    if isinstance(value, timedelta):
        return seconds(value)
    return seconds(value.replace(tzinfo=UTC) - _BEGINNING)


@function("FORMATDUR")
def iso(span: timedelta) -> str:
    """Write a duration by ISO 8601."""
    sign, span = ("-", -span) if span < timedelta() else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, whole = divmod(rest, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    clock = [(hours, "H"), (minutes, "M"), (f"{whole}{fraction}" if whole or fraction else 0, "S")]
    days = f"{span.days}D" if span.days else ""
    time = "".join(f"{number}{letter}" for number, letter in clock if number)
    return f"{sign}P{days}{'T' + time if time else ''}" if days or time else "PT0S"


def _tenths(span: timedelta, days: Decimal) -> Decimal:
    return (seconds(span) / _DAY_S / days).quantize(_TENTH)
