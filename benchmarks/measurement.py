"""What one measurement is: what is taken in a round, with whom it is compared, and what is to be reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.rounds import RATE, Figures, Unit
from benchmarks.stage import Stage


class NotMeasured(Exception):
    """The measurement cannot be taken on this machine; the message says why."""


@dataclass(frozen=True)
class Goal:
    """What one figure must reach and what we aim at; ``None`` where only the figure itself is of interest."""

    unit: Unit
    must: float | None = None
    aim: float | None = None
    figure: str = RATE

    @property
    def is_more_better(self) -> bool:
        """Whether a larger figure is the better one: rates and ratios, but not times."""
        return self.unit is not Unit.MILLISECONDS

    def is_reached(self, value: float, bound: float | None) -> bool | None:
        """Whether the value is as good as the bound; None when there is no bound."""
        if bound is None:
            return None
        return value >= bound if self.is_more_better else value <= bound


@dataclass(frozen=True)
class Measurement:
    """One block of the table. ``part`` is what ONLY names; ``take`` and ``rival`` measure one round."""

    key: str
    title: str
    take: Callable[[Stage], Figures]
    goals: tuple[Goal, ...]
    rival: Callable[[Stage], Figures] | None = None
    rival_name: str = ""
    rounds: int | None = None

    @property
    def part(self) -> str:
        """The first word of the key."""
        return self.key.split(".", maxsplit=1)[0]
