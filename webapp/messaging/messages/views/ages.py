"""How old messages must be to be skipped: the ages to choose from, each with how many are so old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask_babel import gettext as _

from webapp.messaging.messages import groups

USUAL_H: Final = 24
ALL: Final = 0
#: In hours; 0 is all of it.
AGES_H: Final = (1, USUAL_H, 72, 168, 720, ALL)


def choices(count: Callable[[int], int]) -> list[tuple[int, str]]:
    """Return the ages in words with their numbers; those that nobody has are left out."""
    counted = [(hours, count(hours)) for hours in AGES_H]
    return [(hours, f"{_words(hours)}: {number_words(number)}") for hours, number in counted if number]


def usual(offered: list[tuple[int, str]]) -> int:
    """Return the age that is chosen beforehand."""
    return USUAL_H if USUAL_H in dict(offered) else offered[0][0]


def number_words(number: int) -> str:
    """Return a number of deliveries, or that there are more than are counted."""
    if number > groups.MOST_COUNTED:
        return str(_("more than %(number)s", number=groups.MOST_COUNTED))
    return str(number)


def _words(hours: int) -> str:
    return {
        ALL: str(_("all of them")),
        1: str(_("older than an hour")),
        24: str(_("older than a day")),
        72: str(_("older than three days")),
        168: str(_("older than a week")),
        720: str(_("older than a month")),
    }[hours]
