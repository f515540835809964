"""Keeps the timers of escalations in step with records: one for each open deadline, one for a long status.

A timer remembers which rules have fired for the present value of its deadline. It lives as long as the
deadline is open and runs, or the record has the status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.desk.agreements import book, keeping
from webapp.desk.agreements.models import Deadline
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.changes import Recording
from webapp.desk.records.kept_in_step import follows_record
from webapp.desk.records.models import Record
from webapp.job_names import JobName
from webapp.rules.escalations import steps
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.moments import Moments, get_moments
from webapp.timers import queries as timers
from webapp.timers.models import Timer

#: Kinds of timers; that of a deadline has the name of the deadline behind it.
OF_DEADLINE: Final = "deadline"
OF_STATUS: Final = "status"
#: What lies further back is not spoken of because of a changed setting.
LONG_AGO: Final = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """How a timer should be."""

    fire_at: datetime | None
    data: dict[str, Any]


@follows_record
def arm_after_change(change: Recording) -> None:
    """Let the timers of the record follow what was changed."""
    if catalogue.escalations(change.record.template.system_name) and change.event is not None:
        is_moved, is_deed = STATUS in change.event.changes, keeping.RECOUNTED not in change.data
        arm(change.record, get_moments(), is_moved=is_moved, is_deed=is_deed)


def arm(record: Record, moments: Moments, *, is_moved: bool = False, is_deed: bool = False) -> None:
    """Bring the timers of the record into step.

    ``is_moved`` says that it came to its status just now, ``is_deed`` that somebody changed the record itself
    and no setting. The record's row must be locked, so that nobody else brings them into step with something
    older.
    """
    held = timers.hold(record.id, _kinds_for(record.template.system_name))
    wanted = {} if record.is_archived else _wanted(record, held, moments, is_moved=is_moved, is_deed=is_deed)
    for kind, timer in held.items():
        if kind not in wanted:
            db.session.delete(timer)
    for kind, one in wanted.items():
        _set(record.id, kind, held.get(kind), one)


def is_running(deadline: Deadline) -> bool:
    """Whether somebody is to be reminded of the deadline."""
    return deadline.due_at is not None and deadline.met_at is None and deadline.paused_at is None


def memory_of(due_at: datetime | None, held: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what the timer of a deadline remembers: what fired for its present value, which may be new."""
    value = due_at.isoformat() if due_at else None
    fired = list(held["fired"]) if held is not None and held["due_at"] == value else []
    return {"due_at": value, "fired": fired}


def calendars_of(deadlines: Iterable[Deadline]) -> list[int]:
    """Return by which calendars the record's deadlines are counted."""
    return [each.calendar_id for each in deadlines if each.calendar_id]


def turns_of_status(
    memory: Mapping[str, Any], template: str, calendar_ids: Iterable[int], moments: Moments
) -> list[steps.Turn]:
    """Return the turns that did not come yet of the rules for the status of such a record.

    Counted by the calendar of its deadlines, which is one; by the usual one where it has none.
    """
    calendar_id = next(iter(calendar_ids), None) or book.get().default_calendar_id
    rules, working_time = catalogue.escalations(template), book.get().working_time(calendar_id)
    since = datetime.fromisoformat(memory["since"])
    turns = steps.turns_of_status(memory["status"], since, rules, moments, working_time)
    return [turn for turn in turns if turn.number > memory["fired"].get(turn.code, 0)]


def _wanted(
    record: Record,
    held: dict[str, Timer],
    moments: Moments,
    *,
    is_moved: bool,
    is_deed: bool,
) -> dict[str, Wanted]:
    deadlines, template = keeping.rows_of(record), record.template.system_name
    rules, wanted = catalogue.escalations(template), {}
    for name, deadline in deadlines.items():
        kind = f"{OF_DEADLINE}:{name}"
        working_time = book.get().working_time(deadline.calendar_id)
        plan = steps.plan_of_deadline(name, deadline, rules, moments, working_time)
        if plan and is_running(deadline):
            timer = held.get(kind)
            memory = memory_of(deadline.due_at, timer.data if timer else None)
            if not is_deed and not _is_pending(timer):
                memory["fired"] += _over(plan, memory["fired"], deadline)
            left = (moment for code, moment in plan.items() if code not in memory["fired"])
            wanted[kind] = Wanted(min(left, default=None), memory)
    if record[STATUS] in _statuses_for(template):
        timer = held.get(OF_STATUS)
        memory = _memory_of_status(record, None if is_moved else timer)
        turns = turns_of_status(memory, template, calendars_of(deadlines.values()), moments)
        if not is_deed and not _is_pending(timer):
            memory["fired"] = {**memory["fired"], **_turns_over(turns)}
            turns = [turn for turn in turns if turn.number > memory["fired"].get(turn.code, 0)]
        wanted[OF_STATUS] = Wanted(min((turn.moment for turn in turns), default=None), memory)
    return wanted


def _is_pending(timer: Timer | None) -> bool:
    """Whether something is due that nobody has looked for yet."""
    return timer is not None and timer.fire_at is not None and timer.fire_at <= now()


def _over(plan: steps.Plan, fired: list[str], deadline: Deadline) -> list[str]:
    """Return the rules that a changed setting must not set off, or all would speak of old things at once."""
    if deadline.due_at is None or deadline.due_at > now():
        return []
    return sorted(code for code, moment in plan.items() if moment <= now() and code not in fired)


def _turns_over(turns: Sequence[steps.Turn]) -> dict[str, int]:
    """Return of each rule the last turn that a changed setting must not set off, since it is long past."""
    over = sorted((turn for turn in turns if turn.moment <= now() - LONG_AGO), key=lambda turn: turn.number)
    return {turn.code: turn.number for turn in over}


def _memory_of_status(record: Record, timer: Timer | None) -> dict[str, Any]:
    status = record[STATUS]
    if timer is not None and timer.data["status"] == status:
        return timer.data
    return {"status": status, "since": now().isoformat(), "fired": {}}


def _set(record_id: int, kind: str, timer: Timer | None, wanted: Wanted) -> None:
    if timer is None:
        db.session.add(Timer(kind=kind, owner_id=record_id, fire_at=wanted.fire_at, data=wanted.data))
    elif (timer.fire_at, timer.data) != (wanted.fire_at, wanted.data):
        timer.fire_at, timer.data = wanted.fire_at, wanted.data
    else:
        return
    if wanted.fire_at is not None and wanted.fire_at <= now():
        ring_on_commit(JobName.FIRE_TIMERS)


@cache
def _kinds_for(template: str) -> tuple[str, ...]:
    """Return the kinds of timers that a record of the template may have."""
    found = [row.moment for row in catalogue.escalations(template) if row.moment]
    names = dict.fromkeys(f"{OF_DEADLINE}:{each.deadline}" for each in found if each.deadline)
    return (OF_STATUS, *names)


@cache
def _statuses_for(template: str) -> frozenset[str]:
    """Return the statuses of which a rule reminds."""
    found = [row.moment for row in catalogue.escalations(template) if row.moment]
    return frozenset(each.status for each in found if each.status)
