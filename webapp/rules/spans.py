"""Spans of time, shares and moments in words of a reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from babel.dates import format_datetime
from babel.numbers import format_percent
from babel.units import format_unit

#: Working time has no days: a day of it has as many hours as somebody's calendar says.
_MINUTES_OF_HOUR = 60


def span_in_words(span: timedelta, language: str) -> str:
    """Return a span as hours and minutes: 2 часа 15 минут; seconds are left out."""
    hours, minutes = divmod(int(span.total_seconds()) // _MINUTES_OF_HOUR, _MINUTES_OF_HOUR)
    parts = [format_unit(hours, "duration-hour", locale=language)] if hours else []
    if minutes or not hours:
        parts.append(format_unit(minutes, "duration-minute", locale=language))
    return " ".join(parts)


def hours_in_words(hours: int, language: str) -> str:
    """Return a number of hours: 4 часа."""
    return str(format_unit(hours, "duration-hour", locale=language))


def percent_in_words(percent: int, language: str) -> str:
    """Return a share: 75 %."""
    return str(format_percent(percent / 100, locale=language))


def moment_in_words(moment: datetime, zone: tzinfo, language: str) -> str:
    """Return a moment with its day and time in the zone."""
    return str(format_datetime(moment, "d MMMM y, HH:mm", tzinfo=zone, locale=language))
