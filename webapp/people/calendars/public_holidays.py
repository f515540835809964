"""Public holidays of countries, and the working days that some governments move to a weekend."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Final, NamedTuple

import holidays

#: The languages of the program, as the library of holidays names them.
_LANGUAGES: Final = {"en": "en_US"}


class Year(NamedTuple):
    """The holidays of one year with their names, and the days of a weekend on which people work instead."""

    off: dict[date, str]
    moved: frozenset[date]


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """Return the countries whose holidays are known, by two letters, each with its parts."""
    known = holidays.list_supported_countries(include_aliases=False)
    return {code: tuple(parts) for code, parts in sorted(known.items())}


@cache
def part_names(country: str) -> dict[str, str]:
    """Return the parts of the country with what people call them, where that is known."""
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    return {code: ", ".join(names) or code for code, names in sorted(aliases.items())}


def find_part(country: str, typed: str) -> str | None:
    """Return the part of the country that was meant: by its code or its name."""
    wanted = typed.strip().casefold()
    for code, names in part_names(country).items():
        if wanted in {code.casefold(), *(name.casefold() for name in names.split(", "))}:
            return code
    return None


@lru_cache(maxsize=1000)
def of_year(country: str, part: str | None, year: int, language: str = "en") -> Year:
    """Return the holidays of a year; none where the library does not know the country any more."""
    if country not in countries() or (part is not None and part not in countries()[country]):
        return Year({}, frozenset())
    spoken = holidays.country_holidays(country).supported_languages
    wanted = _LANGUAGES.get(language, language)
    found = holidays.country_holidays(
        country, subdiv=part, years=year, expand=False, language=wanted if wanted in spoken else None
    )
    moved = frozenset(day for day in getattr(found, "weekend_workdays", ()) if day.year == year)
    return Year({day: name for day, name in found.items() if day.year == year}, moved)
