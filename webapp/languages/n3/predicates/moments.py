"""Moments: what formulas have no function for."""

from __future__ import annotations

from datetime import datetime

from webapp.languages.errors import Unfit
from webapp.languages.formulas.functions.moments import zone_named
from webapp.languages.n3.predicates.registry import computes
from webapp.languages.store import Value
from webapp.languages.values.kind import N_


@computes("time:fromTzToTz")
def by_clock_of(given: Value) -> Value:
    """A moment by the clock of the second zone. The first is only looked up: a moment knows its own."""
    if type(given) is not tuple or len(given) != 3 or not isinstance(given[0], datetime):
        raise Unfit(N_('Write a moment and two zones: (?moment "Etc/GMT" "Europe/Moscow").'))
    moment, *zones = given
    _from, to = (zone_named(str(zone)) for zone in zones)
    return moment.astimezone(to)
