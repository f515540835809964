"""Hours of a day as people write them, "9:00-13:00, 14:00-18:00", and as calendars keep them, in minutes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

#: Pairs of minutes since midnight, in order and apart; no pair is a day off.
Minutes = tuple[tuple[int, int], ...]

DAY: Final = 24 * 60
MOST_STRETCHES: Final = 6
_TIME = r"(\d{1,2})(?:[:.](\d{2}))?"
_STRETCH = re.compile(rf"{_TIME}\s*[-–—]\s*{_TIME}", re.ASCII)


class BadHours(ValueError):
    """What was typed are no hours; ``reason`` is one of the words of this module, ``part`` what was typed."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"{reason}: {part}")
        self.reason = reason
        self.part = part


UNREADABLE, OVER_MIDNIGHT, OVERLAP, TOO_MANY = "unreadable", "over_midnight", "overlap", "too_many"


def read(text: str) -> Minutes:
    """Return the hours; nothing typed is a day off. Raises BadHours.

    Hours over midnight are refused: each part belongs to its own day, which may be a holiday.
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    if len(parts) > MOST_STRETCHES:
        raise BadHours(TOO_MANY, text)
    found = sorted((_stretch(part), part) for part in parts)
    for ((_, end), _part), ((start, _end), part) in pairwise(found):
        if start < end:
            raise BadHours(OVERLAP, part)
    return _joined(stretch for stretch, _part in found)


def write(hours: Iterable[Iterable[int]]) -> str:
    """Return the hours as they are typed and shown."""
    return ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in hours)


def _stretch(part: str) -> tuple[int, int]:
    match = _STRETCH.fullmatch(part)
    if match is None:
        raise BadHours(UNREADABLE, part)
    start, end = _minutes(part, *match.groups()[:2]), _minutes(part, *match.groups()[2:])
    if start >= end:
        raise BadHours(OVER_MIDNIGHT, part)
    return start, end


def _minutes(part: str, hours: str, minutes: str | None) -> int:
    found = int(hours) * 60 + int(minutes or 0)
    if int(minutes or 0) >= 60 or found > DAY:
        raise BadHours(UNREADABLE, part)
    return found


def _joined(stretches: Iterable[tuple[int, int]]) -> Minutes:
    joined: list[tuple[int, int]] = []
    for start, end in stretches:
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return tuple(joined)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
