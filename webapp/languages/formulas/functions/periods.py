"""When a day, a week, a month, a quarter or a year begins and ends."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from decimal import Decimal

from webapp.languages.formulas.functions.moments import add_months
from webapp.languages.formulas.functions.registry import function

_LAST_SECOND = timedelta(seconds=1)
_MONTHS_OF_QUARTER = 3


@function("STARTOFDAY")
def start_of_day(moment: datetime) -> datetime:
    """Return midnight of the day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@function("STARTOFWEEK")
def start_of_week(moment: datetime) -> datetime:
    """Return midnight of Monday."""
    return start_of_day(moment) - timedelta(days=moment.weekday())


@function("STARTOFMONTH")
def start_of_month(moment: datetime) -> datetime:
    """Return midnight of the first day of the month."""
    return start_of_day(moment).replace(day=1)


@function("STARTOFQUARTER")
def start_of_quarter(moment: datetime) -> datetime:
    """Return midnight of the first day of the quarter."""
    month = moment.month - (moment.month - 1) % _MONTHS_OF_QUARTER
    return start_of_month(moment).replace(month=month)


@function("STARTOFYEAR")
def start_of_year(moment: datetime) -> datetime:
    """Return midnight of the first of January."""
    return start_of_month(moment).replace(month=1)


@function("ENDOFDAY")
def end_of_day(moment: datetime) -> datetime:
    """Return the last second of the day."""
    return start_of_day(moment) + timedelta(days=1) - _LAST_SECOND


@function("ENDOFWEEK")
def end_of_week(moment: datetime) -> datetime:
    """Return the last second of Sunday."""
    return start_of_week(moment) + timedelta(days=7) - _LAST_SECOND


@function("ENDOFMONTH")
def end_of_month(moment: datetime) -> datetime:
    """Return the last second of the month."""
    return end_of_day(moment.replace(day=monthrange(moment.year, moment.month)[1]))


@function("ENDOFQUARTER")
def end_of_quarter(moment: datetime) -> datetime:
    """Return the last second of the quarter."""
    return end_of_month(add_months(start_of_quarter(moment), Decimal(_MONTHS_OF_QUARTER - 1)))


@function("ENDOFYEAR")
def end_of_year(moment: datetime) -> datetime:
    """Return the last second of the year."""
    return end_of_day(moment.replace(month=12, day=31))
