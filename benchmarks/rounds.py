"""The arithmetic of measuring on a machine that is never quiet: rounds, ratios, medians, spreads.

A round measures the reference, what is measured, maybe a rival, and the reference again. It counts only if
the machine was the same before and after; what is compared was always measured within one round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

#: By how much the larger of two references may be above the smaller in a round that counts.
LARGEST_DIFFERENCE = 0.12
#: So many rounds are begun for each that is wanted, before it is given up to find more.
MOST_TRIES = 3

Figures = Mapping[str, float]
Take = Callable[[], Figures]
RATE = "rate"


class Unit(StrEnum):
    """What a figure is told in."""

    REFERENCE = "R"
    RIVAL = "×"
    PER_SECOND = "/s"
    MILLISECONDS = "ms"


@dataclass(frozen=True)
class Round:
    """What was measured in one round: rates a second of the reference, and named figures of the others."""

    before: float
    after: float
    subject: Figures
    rival: Figures | None = None

    @property
    def is_steady(self) -> bool:
        """Whether the machine was the same before and after."""
        low, high = sorted((self.before, self.after))
        return low > 0 and high - low <= low * LARGEST_DIFFERENCE

    @property
    def reference(self) -> float:
        """The reference's rate during the round."""
        return (self.before + self.after) / 2

    def value(self, figure: str, unit: Unit) -> float:
        """Return a figure in its unit: by itself, or as a ratio to the reference or to the rival."""
        held = self.subject[figure]
        if unit is Unit.REFERENCE:
            return held / self.reference
        if unit is Unit.RIVAL:
            if self.rival is None:
                raise ValueError(f"{figure} is compared with a rival that was not measured")
            return held / self.rival[figure]
        return held


@dataclass(frozen=True)
class Summary:
    """One figure over all rounds that count."""

    middle: float
    low: float
    high: float


def play(
    reference: Callable[[], float],
    subject: Take,
    rival: Take | None,
    wanted: int,
    tell: Callable[[Round], object] = lambda _round: None,
) -> list[Round]:
    """Measure in rounds until enough of them count, or until that is not to be hoped for.

    Each is told as it comes. Rounds that do not count are among those returned. Who of the two goes first
    changes from round to round.
    """
    rounds: list[Round] = []
    before = reference()
    while sum(one.is_steady for one in rounds) < wanted and len(rounds) < wanted * MOST_TRIES:
        figures = _in_turn(subject, rival, is_rival_first=len(rounds) % 2 == 1)
        after = reference()
        rounds.append(Round(before, after, *figures))
        tell(rounds[-1])
        before = after
    return rounds


def _in_turn(subject: Take, rival: Take | None, *, is_rival_first: bool) -> tuple[Figures, Figures | None]:
    if rival is None:
        return subject(), None
    if is_rival_first:
        theirs = rival()
        return subject(), theirs
    return subject(), rival()


def summarise(rounds: Sequence[Round], figure: str, unit: Unit) -> Summary | None:
    """Return the median of the rounds that count with its spread; None when none does."""
    return _summary([one.value(figure, unit) for one in rounds if one.is_steady])


def summarise_reference(rounds: Sequence[Round]) -> Summary | None:
    """Return the reference over the rounds that count."""
    return _summary([one.reference for one in rounds if one.is_steady])


def summarise_rival(rounds: Sequence[Round], figure: str) -> Summary | None:
    """Return a figure of the rival over the rounds that count."""
    return _summary([one.rival[figure] for one in rounds if one.is_steady and one.rival is not None])


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many of a hundred do not exceed. Raises ValueError for no values."""
    if not values:
        raise ValueError("nothing was measured")
    in_order = sorted(values)
    place = min(len(in_order) - 1, max(0, round(percent / 100 * len(in_order)) - 1))
    return in_order[place]


def _summary(values: list[float]) -> Summary | None:
    return Summary(median(values), min(values), max(values)) if values else None
