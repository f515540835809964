"""Values as a person reads them: Russian and English."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import MAX_PREC, Context, Decimal
from typing import Any, Final

from webapp.languages.budget import Growing
from webapp.languages.store import Ref, Value

#: More digits than these are noise of the division.
SHOWN_DIGITS = 15
#: Rounding up may make a number longer than the usual context lets it be.
_ROUNDING: Final = Context(prec=MAX_PREC)


def show(value: Value, language: str) -> str:
    """Return a value in words; nothing for an empty one, the elements of a list with commas between.

    Raises Unfit for a list that would be too long a text.
    """
    if isinstance(value, Ref):
        return str(value.id) if value.kind == "record" else f"{value.kind}.{value.id}"
    if isinstance(value, tuple | list):
        return _show_each(value, language)
    return _SHOWN[type(value)](value, language) if type(value) in _SHOWN else str(value)


def _show_each(values: Sequence[Value], language: str) -> str:
    text = Growing()
    for number, value in enumerate(values):
        text.add(", " if number else "")
        text.add(show(value, language))
    return text.text()


def show_number(number: Decimal, language: str) -> str:
    """Return a number without an exponent, with the decimal sign of the language."""
    digits = f"{round_noise(number):f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return ("0" if digits == "-0" else digits).replace(".", "," if language == "ru" else ".")


def round_noise(number: Decimal) -> Decimal:
    """Return the number with as many digits after the point as fifteen digits in all leave room for."""
    if number == number.to_integral_value():
        return number
    room = SHOWN_DIGITS - max(number.adjusted() + 1, 0)
    if -number.as_tuple().exponent <= room:  # type: ignore[operator] # finite
        return number
    return number.quantize(Decimal(1).scaleb(-max(room, 0)), context=_ROUNDING)


def show_moment(moment: datetime, language: str) -> str:
    """Return date and time to the second, in the zone that the moment carries."""
    form = "%d.%m.%Y %H:%M:%S" if language == "ru" else "%Y-%m-%d %H:%M:%S"
    return moment.strftime(form)


def show_duration(span: timedelta) -> str:
    """Return a duration as days.hours:minutes:seconds; the days only when there are any."""
    sign, span = ("-", -span) if span < timedelta() else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06d}" if span.microseconds else ""
    return f"{sign}{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


_SHOWN: Final[dict[type, Callable[[Any, str], str]]] = {
    type(None): lambda _value, _language: "",
    Decimal: show_number,
    datetime: show_moment,
    timedelta: lambda span, _language: show_duration(span),
}
