"""Terms of working time as people write them: 2 h, 2:30, 90 min, 1 h 30 min, 8 ч."""

from __future__ import annotations

import re
from typing import Final

#: A year round the clock.
LONGEST_S: Final = 366 * 24 * 3600
_HOURS = r"([0-9]{1,5}(?:[.,][0-9]{1,2})?)\s*(?:h|hours?|ч|час(?:а|ов)?)\.?"
_MINUTES = r"([0-9]{1,6})\s*(?:m|min|minutes?|м|мин|минут[аы]?)\.?"
_CLOCK = re.compile(r"([0-9]{1,5}):([0-5][0-9])")
_WORDS = re.compile(rf"(?:{_HOURS})?\s*(?:{_MINUTES})?")
_NUMBER = re.compile(r"([0-9]{1,5}(?:[.,][0-9]{1,2})?)")


class BadTerm(ValueError):
    """What was typed is no term."""


def read(text: str) -> int:
    """Return the seconds of the term; a number alone is hours. Raises BadTerm."""
    typed = " ".join(text.split()).casefold()
    if clock := _CLOCK.fullmatch(typed):
        return int(clock[1]) * 3600 + int(clock[2]) * 60
    if number := _NUMBER.fullmatch(typed):
        return _seconds(number[1])
    words = _WORDS.fullmatch(typed)
    if not typed or words is None:
        raise BadTerm(text)
    return _seconds(words[1] or "0") + int(words[2] or 0) * 60


def as_clock(seconds: int) -> str:
    """Return the term as hours and minutes with a colon, in which every reader can type it."""
    minutes = seconds // 60
    return f"{minutes // 60}:{minutes % 60:02}"


def _seconds(hours: str) -> int:
    return round(float(hours.replace(",", ".")) * 3600)
