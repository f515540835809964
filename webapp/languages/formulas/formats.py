"""Formats of .NET, in which technologists write numbers, moments and durations.

Source: Microsoft's pages on standard and custom format strings; those of them that make sense in a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from babel.dates import get_day_names, get_month_names
from babel.numbers import format_decimal

from webapp.languages.budget import Budget, Growing
from webapp.languages.errors import Unfit
from webapp.languages.formulas.operators import type_of
from webapp.languages.formulas.showing import show, show_duration
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

_PLACE: Final = re.compile(r"\{\{|\}\}|\{(\d{1,3})(?:,(-?\d{1,3}))?(?::((?:[^{}]|\{\{|\}\})*))?\}|[{}]")
_LETTERS: Final = "d{1,4}|M{1,4}|y{1,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|f{1,6}|t{1,2}|z{1,3}|K"
_PIECE: Final = re.compile(rf"'([^']*)'|\"([^\"]*)\"|\\(.)|({_LETTERS})|(.)", re.DOTALL)
_STANDARD_NUMBER: Final = re.compile(r"([NFDP])(\d{0,2})", re.IGNORECASE | re.ASCII)
_CUSTOM_NUMBER: Final = re.compile(r"[#0,]+(\.[#0]+)?%?")
_LONGEST_FORMAT: Final = 200
_MOST_WIDTH: Final = 100


def fill(text: str, values: Sequence[Value], language: str, budget: Budget) -> str:
    """Fill ``{0}``, ``{1:format}``, ``{2,10}``. Raises Unfit for a place that has no value."""
    result, end = Growing(), 0
    for place in _PLACE.finditer(text):
        budget.look_at_clock()
        result.add(text[end : place.start()])
        result.add(_filled(place, values, language))
        end = place.end()
    result.add(text[end:])
    return result.text()


def _filled(place: re.Match[str], values: Sequence[Value], language: str) -> str:
    whole, number, width, form = place[0], place[1], place[2], place[3]
    if number is None:
        if len(whole) == 1:
            raise Unfit(
                N_("A single “%(sign)s” stands in the text; write it twice to mean the sign."), sign=whole
            )
        return whole[0]
    if int(number) >= len(values):
        raise Unfit(N_("The text has a place {%(number)s}, and there is no such value."), number=number)
    return _wide(write(values[int(number)], form, language), int(width or 0))


def write(value: Value, form: str | None, language: str) -> str:
    """Write a value by a format. Raises Unfit when the format is not for such values."""
    if not form or value is None:
        return show(value, language)
    _check_length(form)
    match value:
        case Decimal():
            return number(value, form, language)
        case datetime():
            return moment(value, form, language)
        case timedelta():
            return duration(value, form)
    raise Unfit(
        N_("There are formats for numbers, moments and durations, and this is %(type)s."), type=type_of(value)
    )


def _check_length(form: str) -> None:
    if len(form) > _LONGEST_FORMAT:
        raise Unfit(N_("A format may have at most %(most)s characters."), most=_LONGEST_FORMAT)


def number(value: Decimal, form: str, language: str) -> str:
    """Write a number: N2, F0, P1, D5, or a picture such as #,##0.00."""
    if standard := _STANDARD_NUMBER.fullmatch(form):
        return _standard_number(value, standard[1].upper(), standard[2], language)
    if _CUSTOM_NUMBER.fullmatch(form):
        return str(format_decimal(value, format=form, locale=language))
    raise _unknown(form)


def _standard_number(value: Decimal, letter: str, digits: str, language: str) -> str:
    places = min(int(digits or ("0" if letter == "D" else "2")), 28)
    if letter == "D":
        whole = f"{abs(value).quantize(Decimal(1), ROUND_HALF_UP):f}".rjust(places, "0")
        return f"-{whole}" if value < 0 else whole
    pattern = ("#,##0" if letter in "NP" else "0") + ("." + "0" * places if places else "")
    value = value * 100 if letter == "P" else value
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    shown = str(format_decimal(rounded, format=pattern, locale=language))
    return f"{shown} %" if letter == "P" else shown


def moment(value: datetime, form: str, language: str) -> str:
    """Write a moment: dd MMMM yyyy HH:mm, with quoted words between. Raises Unfit for a long format."""
    _check_length(form)
    pieces = list(_PIECE.finditer(_standard_moment(form)))
    has_day = any(piece[4] in {"d", "dd"} for piece in pieces)
    return "".join(
        _MOMENT[piece[4]](value, language, has_day) if piece[4] else _literal(piece) for piece in pieces
    )


def read_moment(text: str, form: str, language: str, zone: tzinfo) -> datetime | None:
    """Read a moment that is written in a format; empty when it is not. Raises Unfit for a bad format."""
    _check_length(form)
    names: dict[str, str] = {}
    pattern = ""
    for piece in _PIECE.finditer(form):
        if not piece[4]:
            pattern += re.escape(_literal(piece))
            continue
        # Each part once: many digits of unknown number behind each other would be tried in every way.
        if piece[4][0] in names:
            raise _unknown(form)
        pattern += _reader(piece[4], language, form)
        names[piece[4][0]] = piece[4]
    found = re.fullmatch(pattern, text.strip(), re.IGNORECASE)
    return (
        None
        if found is None
        else _put_together(dict(zip(names.values(), found.groups(), strict=True)), language, zone)
    )


def duration(value: timedelta, form: str) -> str:
    """Write a duration: d, dd, hh, mm, ss, fff with quoted words between; c as it is shown anyway."""
    if form in {"c", "g", "G", "t", "T"}:
        return show_duration(value)
    span = abs(value)
    parts = {
        "d": span.days, "h": span.seconds // 3600, "m": span.seconds // 60 % 60, "s": span.seconds % 60,
    }  # fmt: skip
    written = ""
    for piece in _PIECE.finditer(form):
        letters = piece[4]
        if letters and letters[0] == "f":
            written += f"{span.microseconds:06d}"[: len(letters)]
        elif letters and letters[0] in parts:
            written += f"{parts[letters[0]]:0{len(letters)}d}"
        elif letters:
            raise _unknown(form)
        else:
            written += _literal(piece)
    return written


def _standard_moment(form: str) -> str:
    known = {"d": "dd.MM.yyyy", "D": "d MMMM yyyy", "t": "HH:mm", "T": "HH:mm:ss"}
    known |= {"g": f"{known['d']} {known['t']}", "G": f"{known['d']} {known['T']}"}
    return known.get(form, form)


def _literal(piece: re.Match[str]) -> str:
    return next(part for part in (piece[1], piece[2], piece[3], piece[5]) if part is not None)


def _month(value: datetime, language: str, width: str, *, has_day: bool) -> str:
    context = "format" if has_day else "stand-alone"
    return str(get_month_names(width, context, locale=language)[value.month])  # type: ignore[arg-type] # widths


def _weekday(value: datetime, language: str, width: str) -> str:
    return str(get_day_names(width, locale=language)[value.weekday()])  # type: ignore[arg-type] # widths


def _offset(value: datetime, width: int) -> str:
    minutes = round((value.utcoffset() or timedelta()).total_seconds() / 60)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    hours = f"{minutes // 60:02d}" if width > 1 else str(minutes // 60)
    return f"{sign}{hours}" + (f":{minutes % 60:02d}" if width > 2 else "")


_Write = Callable[[datetime, str, bool], str]
_MOMENT: Final[dict[str, _Write]] = {
    "d": lambda at, _language, _day: str(at.day),
    "dd": lambda at, _language, _day: f"{at.day:02d}",
    "ddd": lambda at, language, _day: _weekday(at, language, "abbreviated"),
    "dddd": lambda at, language, _day: _weekday(at, language, "wide"),
    "M": lambda at, _language, _day: str(at.month),
    "MM": lambda at, _language, _day: f"{at.month:02d}",
    "MMM": lambda at, language, day: _month(at, language, "abbreviated", has_day=day),
    "MMMM": lambda at, language, day: _month(at, language, "wide", has_day=day),
    "y": lambda at, _language, _day: str(at.year % 100),
    "yy": lambda at, _language, _day: f"{at.year % 100:02d}",
    "yyy": lambda at, _language, _day: f"{at.year:03d}",
    "yyyy": lambda at, _language, _day: f"{at.year:04d}",
    "H": lambda at, _language, _day: str(at.hour),
    "HH": lambda at, _language, _day: f"{at.hour:02d}",
    "h": lambda at, _language, _day: str(at.hour % 12 or 12),
    "hh": lambda at, _language, _day: f"{at.hour % 12 or 12:02d}",
    "m": lambda at, _language, _day: str(at.minute),
    "mm": lambda at, _language, _day: f"{at.minute:02d}",
    "s": lambda at, _language, _day: str(at.second),
    "ss": lambda at, _language, _day: f"{at.second:02d}",
    "t": lambda at, _language, _day: "AP"[at.hour // 12],
    "tt": lambda at, _language, _day: ("AM", "PM")[at.hour // 12],
    "z": lambda at, _language, _day: _offset(at, 1),
    "zz": lambda at, _language, _day: _offset(at, 2),
    "zzz": lambda at, _language, _day: _offset(at, 3),
    "K": lambda at, _language, _day: _offset(at, 3),
} | {
    "f" * width: (lambda at, _language, _day, width=width: f"{at.microsecond:06d}"[:width])
    for width in range(1, 7)
}


def _reader(letters: str, language: str, form: str) -> str:
    if letters in {"MMM", "MMMM"}:
        return "(" + "|".join(map(re.escape, sorted(_months(letters, language), key=len, reverse=True))) + ")"
    if letters == "yyyy":
        return r"(\d{4})"
    if letters[0] in "dMyHhmsf" and letters not in {"ddd", "dddd", "yyy"}:
        return rf"(\d{{{len(letters)}}})" if len(letters) > 1 else r"(\d{1,2})"
    if letters == "tt":
        return "(AM|PM)"
    raise _unknown(form)


def _months(letters: str, language: str) -> dict[str, int]:
    width: Literal["wide", "abbreviated"] = "wide" if letters == "MMMM" else "abbreviated"
    return {
        str(name).lower(): number
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, locale=language).items()
    }


def _put_together(found: dict[str, str], language: str, zone: tzinfo) -> datetime | None:
    def part(*letters: str, default: int) -> int:
        return next((int(found[each]) for each in letters if each in found), default)

    words = [each for each in ("MMMM", "MMM") if each in found]
    # 0 is no month: “ſeptember” is found where case is ignored, and yet is no name of one.
    named = _months(words[0], language).get(found[words[0]].lower(), 0) if words else None
    month = part("MM", "M", default=1) if named is None else named
    year = part("yyyy", default=part("yy", "y", default=0) + 2000)
    hour = part("HH", "H", "hh", "h", default=0)
    if "tt" in found:
        hour = hour % 12 + (12 if found["tt"].upper() == "PM" else 0)
    try:
        return datetime(
            year, month, part("dd", "d", default=1),
            hour, part("mm", "m", default=0), part("ss", "s", default=0), tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None


def _wide(text: str, width: int) -> str:
    if abs(width) > _MOST_WIDTH:
        raise Unfit(N_("A place may be at most %(most)s characters wide."), most=_MOST_WIDTH)
    return text.ljust(-width) if width < 0 else text.rjust(width)


def _unknown(form: str) -> Unfit:
    facts: dict[str, Any] = {"format": form[:40]}
    return Unfit(N_("The format “%(format)s” is not known."), **facts)
