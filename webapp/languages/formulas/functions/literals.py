"""Values written as text, and values put together of numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final

from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import NUMBERS
from webapp.languages.scope import Scope
from webapp.languages.store import Ref

_DATE: Final = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME: Final = r"(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d{1,6})\d*)?)?"
_OFFSET: Final = r"(?P<offset>Z|[+-]\d\d(:?\d\d)?)?"
_MOMENT: Final = re.compile(rf"({_DATE})?([T ]?{_TIME})?{_OFFSET}", re.ASCII)
_DURATION: Final = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?"
    r"(?:(?P<days>\d{1,7})D)?(?:T(?=.)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,12}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_REF: Final = re.compile(r"(?:(?P<kind>[a-z]+)\.)?(?P<id>\d{1,18})", re.ASCII)
_NUMBER: Final = {
    "ru": re.compile(r"[+-]?\d{1,28}(,\d{1,28})?", re.ASCII),
    "en": re.compile(r"[+-]?\d{1,28}(\.\d{1,28})?", re.ASCII),
}
DAYS_OF_YEAR: Final = 365
DAYS_OF_MONTH: Final = 30


@function("BOOL")
def to_boolean(text: str) -> bool | None:
    """Read True or False; anything else is no value."""
    return {"true": True, "false": False}.get(text.strip().lower())


@function("DECIMAL")
def to_number(scope: Scope, text: str) -> Decimal | None:
    """Read a number as the reader's language writes it; more digits than numbers have are rounded off."""
    pattern = _NUMBER.get(scope.language, _NUMBER["en"])
    return NUMBERS.create_decimal(text.replace(",", ".")) if pattern.fullmatch(text) else None


@function("INT")
def to_whole(scope: Scope, value: Decimal | str) -> Decimal | None:
    """Cut off what stands behind the point."""
    number = to_number(scope, value) if isinstance(value, str) else value
    return None if number is None else Decimal(int(number))


@function("CREATEDATE")
def to_moment_of_parts(scope: Scope, *parts: Decimal) -> datetime | None:
    """Put a moment of the reader's zone together."""
    try:
        return datetime(*map(int, parts), tzinfo=scope.zone)  # type: ignore[misc,arg-type] # three to six numbers
    except (ValueError, OverflowError, InvalidOperation):
        return None


@function("CREATEDATEUTC")
def to_moment_of_parts_utc(scope: Scope, *parts: Decimal) -> datetime | None:
    """Put a moment together whose parts are meant in UTC, and leave it there."""
    moment = to_moment_of_parts(scope, *parts)
    return None if moment is None else moment.replace(tzinfo=UTC)


@function("DATE")
def to_moment(scope: Scope, text: str) -> datetime | None:
    """Read ISO 8601: a date, a time of today, or both, with an offset or in the reader's zone."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None or not (found["year"] or found["hour"]):
        return None
    day = (found["year"], found["month"], found["day"]) if found["year"] else _today(scope)
    clock = (found["hour"], found["minute"], found["second"], (found["fraction"] or "").ljust(6, "0"))
    try:
        moment = datetime(*(int(part or 0) for part in (*day, *clock)), tzinfo=_zone(scope, found["offset"]))  # type: ignore[misc,arg-type] # seven numbers
        return moment.astimezone(scope.zone)
    except (ValueError, OverflowError):
        return None


@function("DURATION")
def to_duration(text: str) -> timedelta | None:
    """Read ISO 8601; a year has 365 days, a month 30."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    part = {name: float(value or 0) for name, value in found.groupdict().items() if name != "sign"}
    days = part["years"] * DAYS_OF_YEAR + part["months"] * DAYS_OF_MONTH + part["weeks"] * 7 + part["days"]
    try:
        span = timedelta(days, part["seconds"], minutes=part["minutes"], hours=part["hours"])
    except OverflowError:
        return None
    return -span if found["sign"] else span


@function("ID")
def to_thing(text: str | Ref) -> Ref | str:
    """Return the record or account that a text names; other texts, such as values of a list, stay texts."""
    found = None if isinstance(text, Ref) else _REF.fullmatch(text.strip())
    return text if found is None else Ref(found["kind"] or "record", int(found["id"]))


def _today(scope: Scope) -> tuple[str, str, str]:
    return str(scope.now.year), str(scope.now.month), str(scope.now.day)


def _zone(scope: Scope, offset: str | None) -> tzinfo:
    if not offset:
        return scope.zone
    if offset == "Z":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if offset[0] == "-" else span)
