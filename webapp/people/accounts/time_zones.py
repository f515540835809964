"""The time zones that a person can choose, by region, each with its present distance from UTC."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from webapp.core.clock import now

REGIONS = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
)


@cache
def zone_names() -> tuple[str, ...]:
    """Return every place name of the time zone database, and UTC."""
    places = (name for name in available_timezones() if name.partition("/")[0] in REGIONS)
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
    """Return the zones by region; the present one is among them even if it is an old name."""
    names = zone_names() if present is None or is_zone(present) else (present, *zone_names())
    return [_zone(name) for name in names]


def _zone(name: str) -> Zone:
    region, _slash, place = name.partition("/")
    return Zone(name, f"{(place or region).replace('_', ' ')} ({_distance(name)})", region if place else None)


def _distance(name: str) -> str:
    try:
        offset = ZoneInfo(name).utcoffset(now())
    except (OSError, ValueError):  # an old name that this machine's database lacks
        return "?"
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes >= 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")
