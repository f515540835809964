"""The time zones that a person can choose, by region, each with its present distance from UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.core.clock import now
from webapp.core.locales import page_language

QUARTER_S: Final = 15 * 60
REGIONS: Final[dict[str, LazyString]] = {
    "Africa": _l("Africa"),
    "America": _l("America"),
    "Antarctica": _l("Antarctica"),
    "Arctic": _l("Arctic"),
    "Asia": _l("Asia"),
    "Atlantic": _l("Atlantic Ocean"),
    "Australia": _l("Australia"),
    "Europe": _l("Europe"),
    "Indian": _l("Indian Ocean"),
    "Pacific": _l("Pacific Ocean"),
}


@cache
def zone_names() -> tuple[str, ...]:
    """Return every place name of the time zone database without its old names, and UTC."""
    known = available_timezones() - set(get_global("zone_aliases"))
    places = (name for name in known if name.partition("/")[0] in REGIONS)
    return ("UTC", *sorted(places))


def is_zone(name: str) -> bool:
    """Tell whether a person can choose the zone."""
    return name in zone_names()


class Zone(NamedTuple):
    """A zone as a person chooses it."""

    name: str
    label: str
    region: str | None


def list_zones(present: str | None = None) -> list[Zone]:
    """Return the zones by region in the reader's language; the present one even if its name is old."""
    names = zone_names() if present is None or is_zone(present) else (present, *zone_names())
    zones = [_zone(name) for name in names]
    return sorted(zones, key=lambda zone: (zone.region is not None, zone.region or "", zone.label))


def zone_label(name: str) -> str:
    """Return the place of the zone in the reader's language and its present distance from UTC."""
    place = _places(page_language()).get(name) or name.partition("/")[2].replace("_", " ") or name
    return f"{place} ({_distance(name, int(now().timestamp()) // QUARTER_S)})"


def _zone(name: str) -> Zone:
    region, slash, _rest = name.partition("/")
    return Zone(name, zone_label(name), str(REGIONS.get(region, region)) if slash else None)


@cache
def _places(language: str) -> dict[str, str]:
    """Return the places in the language; Babel keeps some of them under the old names of their zones."""
    present_names = get_global("zone_aliases")
    zones = Locale(language).time_zones.items()
    return {present_names.get(name, name): words["city"] for name, words in zones if "city" in words}


@lru_cache(maxsize=2000)
def _distance(name: str, quarter: int) -> str:
    """Distances change at quarters of an hour only, and reading hundreds of zones takes time on each page."""
    try:
        offset = ZoneInfo(name).utcoffset(datetime.fromtimestamp(quarter * QUARTER_S, UTC))
    except (OSError, ValueError):  # an old name that this machine's database lacks
        return "?"
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes >= 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")
