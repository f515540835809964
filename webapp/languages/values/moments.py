"""Dates, and moments with a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from babel.dates import format_date, format_datetime

from webapp.languages.values.kind import N_, BadOption, BadValue, Json, Kind, Options, Reader, Value
from webapp.languages.values.sort_keys import date_key, moment_key

FIRST_YEAR = 1900
LAST_YEAR = 2999


class DateKind(Kind):
    """A day without a time: the same everywhere on earth."""

    name = "date"
    widget = "date"

    def parse(self, text: str, options: Options, reader: Reader) -> date | None:
        """Read 2026-11-21 (what a browser sends) or 21.11.2026 (what a person types)."""
        complaint = N_("Type a date, such as 2026-11-21.")
        day: date | None = _read(text, ("%Y-%m-%d", "%d.%m.%Y"), complaint, datetime.date)
        return day

    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Write the date in the reader's language."""
        return str(format_date(value, format="d MMMM y", locale=reader.language))

    def write(self, value: Value, options: Options, reader: Reader) -> str:
        """Write the date as a browser's date field wants it."""
        return str(value.isoformat())

    def sort_key(self, value: Value, options: Options) -> str:
        """Sort by time."""
        return date_key(value)

    def to_json(self, value: Value) -> str:
        """Store ISO 8601."""
        return str(value.isoformat())

    def from_json(self, stored: Json) -> date:
        """Read ISO 8601."""
        return date.fromisoformat(stored)


class DateTimeKind(Kind):
    """A moment: typed and shown in the reader's zone, kept in UTC.

    ``deadline = true`` makes it a deadline that people name; a name of a term (``"reaction"``,
    ``"resolution"``) one that the record's agreement promises.
    ``from_now = true`` lets a new record have only a moment that is still to come.
    """

    name = "datetime"
    widget = "moment"
    option_names = frozenset({"deadline", "from_now"})

    def check_options(self, options: Options) -> None:
        """A deadline is named by people or promised; ``from_now`` is true or false."""
        super().check_options(options)
        if options.get("deadline", True) not in (True, "reaction", "resolution"):
            raise BadOption('deadline must be true, "reaction" or "resolution"')
        if type(options.get("from_now", False)) is not bool:
            raise BadOption("from_now must be true or false")

    def parse(self, text: str, options: Options, reader: Reader) -> datetime | None:
        """Read 2026-11-21T10:30, or 21.11.2026 10:30, as the reader's own time.

        An hour that the clock shows twice is its first; one that it skips is moved forward.
        """
        formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M")
        moment = _read(
            text, formats, N_("Type a date and a time, such as 2026-11-21 10:30."), lambda each: each
        )
        return None if moment is None else moment.replace(tzinfo=reader.zone).astimezone(UTC)

    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Write date and time in the reader's zone and language."""
        local = value.astimezone(reader.zone)
        return str(format_datetime(local, format="d MMMM y, HH:mm", locale=reader.language))

    def write(self, value: Value, options: Options, reader: Reader) -> str:
        """Write the moment as a browser's field for local time wants it."""
        return str(value.astimezone(reader.zone).strftime("%Y-%m-%dT%H:%M"))

    def sort_key(self, value: Value, options: Options) -> str:
        """Sort by time."""
        return moment_key(value)

    def to_json(self, value: Value) -> str:
        """Store ISO 8601 in UTC."""
        return str(value.astimezone(UTC).isoformat())

    def from_json(self, stored: Json) -> datetime:
        """Read ISO 8601."""
        return datetime.fromisoformat(stored)


def _read(text: str, formats: tuple[str, ...], complaint: str, take: Callable[[datetime], Value]) -> Value:
    text = " ".join(text.split())
    if not text:
        return None
    for form in formats:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the reader's, set by who asks
        except ValueError:
            continue
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            return take(moment)
        raise BadValue(
            N_("The year must lie between %(first)s and %(last)s."), first=FIRST_YEAR, last=LAST_YEAR
        )
    raise BadValue(complaint)
