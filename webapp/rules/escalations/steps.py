"""When the rules of one deadline or of one status fire, by the clock of working time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from webapp.desk.agreements import countdown
from webapp.desk.agreements.countdown import Clock
from webapp.languages.working_time import TooFar, WorkingTime
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.moments import Moment, Moments, Side, Unit

#: When each rule fires, by its code.
Plan = Mapping[str, datetime]
_SIGNS: Final = {Side.BEFORE: -1, Side.AT: 0, Side.AFTER: 1}


class Turn(NamedTuple):
    """One time of those that a rule for a status fires."""

    code: str
    number: int
    moment: datetime


def plan_of_deadline(
    name: str, deadline: Clock, rules: Iterable[EventAction], moments: Moments, working_time: WorkingTime
) -> Plan:
    """Return when each of the rules fires for the deadline of this name; without those that never do."""
    plan: dict[str, datetime] = {}
    found: dict[Moment, datetime | None] = {}
    for row in rules:
        if row.moment is not None and row.moment.deadline == name:
            moment = moments.of(row.code, row.moment)
            if moment not in found:
                found[moment] = moment_of(deadline, moment, working_time)
            if (at := found[moment]) is not None:
                plan[row.code] = at
    return plan


def moment_of(deadline: Clock, moment: Moment, working_time: WorkingTime) -> datetime | None:
    """Return when so much before or after the deadline is; None where it cannot be found."""
    if deadline.due_at is None:
        return None
    amount = _SIGNS[moment.side] * moment.amount
    try:
        if moment.unit is Unit.HOURS:
            return working_time.add(deadline.due_at, timedelta(hours=amount))
        if moment.unit is Unit.DAYS:
            return working_time.add_days(deadline.due_at, amount)
    except TooFar:
        return None
    return _at_share(deadline, amount / 100, working_time)


def turns_of_status(
    status: str,
    since: datetime,
    rules: Iterable[EventAction],
    moments: Moments,
    working_time: WorkingTime,
) -> list[Turn]:
    """Return when the rules fire, and fire again, for a record that has the status since then."""
    turns = []
    for row in rules:
        if row.moment is not None and row.moment.status == status:
            moment = moments.of(row.code, row.moment)
            turns += [
                Turn(row.code, number, found)
                for number in range(1, moment.times + 1)
                if (found := _later(since, moment, number, working_time)) is not None
            ]
    return turns


def _at_share(deadline: Clock, share: float, working_time: WorkingTime) -> datetime | None:
    """Return when the share of the term before or after the deadline is."""
    if deadline.due_at is None or countdown.whole_term(deadline, working_time) > timedelta():
        return countdown.moment_at(deadline, 1 + share, working_time)
    # Named within a time in which nobody works: then all of it counts, or there would be no warning.
    return deadline.due_at + max(deadline.due_at - deadline.starts_at, timedelta()) * share


def _later(since: datetime, moment: Moment, turn: int, working_time: WorkingTime) -> datetime | None:
    amount = moment.amount * turn
    try:
        if moment.unit is Unit.HOURS:
            return working_time.add(since, timedelta(hours=amount))
        return working_time.add_days(since, amount)
    except TooFar:
        return None
