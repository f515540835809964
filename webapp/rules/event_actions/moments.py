"""When an escalation rule fires: around a deadline, or after so long in a status; what may be set of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from sqlalchemy import select

from webapp.core.db import db
from webapp.rules.event_actions.models import EscalationMoment


class Unit(StrEnum):
    """In what it is counted: percent of the whole term, hours of working time, days with work."""

    PERCENT = "percent"
    HOURS = "hours"
    DAYS = "days"


class Side(StrEnum):
    """Where it lies, seen from the deadline; after is also after the beginning of a status."""

    BEFORE = "before"
    AT = "at"
    AFTER = "after"


#: The most that may be set: a quarter of a year of working hours, about the same of working days.
MOST: Final = {Unit.HOURS: 500, Unit.DAYS: 60}
MOST_PERCENT: Final = {Side.BEFORE: 99, Side.AFTER: 500}
MOST_TIMES: Final = 10


@dataclass(frozen=True)
class Moment:
    """So much before or after a deadline, or so long in a status; that is said again, ``times`` in all."""

    deadline: str = ""
    status: str = ""
    side: Side = Side.AT
    amount: int = 0
    unit: Unit = Unit.PERCENT
    times: int = 1

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what stands in the catalogue. Raises TypeError and ValueError."""
        side, unit = Side(data.get("side", Side.AT)), Unit(data.get("unit", Unit.PERCENT))
        moment = cls(**{**data, "side": side, "unit": unit})
        if bool(moment.deadline) is bool(moment.status):
            raise ValueError("a moment belongs to a deadline or to a status")
        if moment.is_adjustable and not moment.fits(moment.amount, moment.unit, moment.times):
            raise ValueError(f"a moment outside its limits: {dict(data)}")
        return moment

    @property
    def is_adjustable(self) -> bool:
        """Whether a technologist may set how much; what fires at the deadline itself has nothing to set."""
        return self.side is not Side.AT

    @property
    def is_repeated(self) -> bool:
        """Whether it is said again as long as nothing happens."""
        return bool(self.status)

    @property
    def units(self) -> tuple[Unit, ...]:
        """In what it may be counted: a status has no term of which it could be a share."""
        return (Unit.DAYS, Unit.HOURS) if self.status else tuple(Unit)

    def most(self, unit: Unit) -> int:
        """Return the largest amount in the unit."""
        return MOST_PERCENT[self.side] if unit is Unit.PERCENT else MOST[unit]

    def fits(self, amount: int, unit: Unit, times: int) -> bool:
        """Whether this may be set."""
        most_times = MOST_TIMES if self.is_repeated else 1
        return unit in self.units and 1 <= amount <= self.most(unit) and 1 <= times <= most_times

    def moved(self, amount: int, unit: Unit, times: int) -> Moment:
        """Return the moment with what was set. Raises ValueError for what does not fit."""
        if not self.is_adjustable or not self.fits(amount, unit, times):
            raise ValueError(f"{amount} {unit}, {times} times does not fit {self}")
        return Moment(self.deadline, self.status, self.side, amount, unit, times)


def as_text(moment: Moment) -> str:
    """Return what was set in the form in which events keep it: 25 percent 1."""
    return f"{moment.amount} {moment.unit} {moment.times}"


def from_text(text: str, original: Moment) -> Moment:
    """Read what ``as_text`` wrote. Raises ValueError."""
    amount, unit, times = text.split()
    return original.moved(int(amount), Unit(unit), int(times))


class Moments:
    """What technologists set, by the code of the rule; the others stand as the catalogue has them."""

    def __init__(self, stored: Mapping[str, tuple[int, str, int]]) -> None:
        self._stored = stored

    def of(self, code: str, original: Moment) -> Moment:
        """Return when the rule fires; what was stored and does not fit any more counts as never set."""
        if code not in self._stored:
            return original
        amount, unit, times = self._stored[code]
        try:
            return original.moved(amount, Unit(unit), times)
        except ValueError:
            return original


def get_moments() -> Moments:
    """Return what was set, in one query."""
    table = EscalationMoment
    stored = db.session.execute(select(table.code, table.amount, table.unit, table.times))
    return Moments({code: (amount, unit, times) for code, amount, unit, times in stored})
