"""What technologists set of the rows, read together: the switches, the conditions, the own texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.conditions import Conditions, get_conditions
from webapp.rules.event_actions.own_texts import OwnTexts, get_own_texts
from webapp.rules.event_actions.queries import Switches, get_switches


@dataclass(frozen=True)
class Settings:
    """How all rows are set at one moment."""

    switches: Switches
    conditions: Conditions
    texts: OwnTexts

    def as_if_on(self, row: EventAction, condition: str | None = None) -> Self:
        """Return the same with the row switched on, and with another condition when one is given."""
        conditions = self.conditions if condition is None else self.conditions.replaced(row, condition)
        return replace(self, switches=self.switches.as_if_on(row), conditions=conditions)


def get_settings() -> Settings:
    """Return how the rows are set now, in three queries."""
    return Settings(get_switches(), get_conditions(), get_own_texts())
