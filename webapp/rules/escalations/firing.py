"""What comes of timers of escalations that are due: an event that names the rules, and the next step.

Of what passed while nobody looked, each rule fires once, for its latest turn. A warning before a deadline
that is over by then is kept in the event as too late, so that one can see why nobody had it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from webapp.core.db import db
from webapp.desk.agreements import book, queries
from webapp.desk.agreements.models import Deadline
from webapp.desk.record_templates.models import RecordTemplate, Status
from webapp.desk.records.changes import RECORD
from webapp.desk.records.models import Record
from webapp.events.kinds import EventKind
from webapp.events.services import Occurrence, Subject
from webapp.rules.escalations import arming, steps
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.moments import Moments, Side, get_moments
from webapp.timers.firing import Fired, fires
from webapp.timers.queries import Due


class Running(NamedTuple):
    """A deadline whose clock runs, apart from the session: thousands may be due at once."""

    record_id: int
    name: str
    starts_at: datetime
    due_at: datetime | None
    term_s: int | None
    is_named: bool
    calendar_id: int | None
    template: str


class Waiting(NamedTuple):
    """A record with the status that it has, and by which calendars its deadlines are counted."""

    template: str
    status: str
    calendar_ids: list[int]


@fires(arming.OF_DEADLINE)
def fire_deadlines(timers: Sequence[Due], at: datetime) -> Mapping[int, Fired]:
    """Return what comes of timers of deadlines; writes nothing."""
    found = _running({timer.owner_id for timer in timers})
    known, moments = book.get(), get_moments()
    fired = {}
    for timer in timers:
        deadline = found.get((timer.owner_id, timer.kind.partition(":")[2]))
        if deadline is not None:
            working_time = known.working_time(deadline.calendar_id)
            rules = catalogue.escalations(deadline.template)
            plan = steps.plan_of_deadline(deadline.name, deadline, rules, moments, working_time)
            fired[timer.id] = _fire_deadline(timer, deadline, plan, at)
    return fired


@fires(arming.OF_STATUS)
def fire_statuses(timers: Sequence[Due], at: datetime) -> Mapping[int, Fired]:
    """Return what comes of timers of records that have a status for long; writes nothing."""
    found, moments = _waiting({timer.owner_id for timer in timers}), get_moments()
    return {
        timer.id: _fire_status(timer, record, moments, at)
        for timer in timers
        if (record := found.get(timer.owner_id)) is not None and record.status == timer.data["status"]
    }


def _fire_deadline(timer: Due, deadline: Running, plan: steps.Plan, at: datetime) -> Fired:
    memory = arming.memory_of(deadline.due_at, timer.data)
    left = {code: moment for code, moment in plan.items() if code not in memory["fired"]}
    passed = sorted(code for code, moment in left.items() if moment <= at)
    next_at = min((moment for moment in left.values() if moment > at), default=None)
    memory["fired"] += passed
    told = [_of_deadline(deadline, memory["due_at"], passed, at)] if passed else []
    return Fired(tuple(told), next_at, memory)


def _of_deadline(deadline: Running, due_at: str, passed: list[str], at: datetime) -> Occurrence:
    is_over = deadline.due_at is not None and deadline.due_at <= at
    late = [code for code in passed if is_over and _warns(code)]
    data = {
        "rules": [code for code in passed if code not in late],
        "too_late": late,
        "deadline": deadline.name,
        "due_at": due_at,
        "is_over": is_over,
    }
    return _occurrence(deadline.record_id, deadline.template, data, f"{deadline.name}:{due_at}", passed)


def _fire_status(timer: Due, record: Waiting, moments: Moments, at: datetime) -> Fired:
    memory = timer.data
    turns = arming.turns_of_status(memory, record.template, record.calendar_ids, moments)
    latest = {turn.code: turn.number for turn in turns if turn.moment <= at}
    next_at = min((turn.moment for turn in turns if turn.moment > at), default=None)
    told = [_of_status(timer, record.template, latest)] if latest else []
    return Fired(tuple(told), next_at, {**memory, "fired": {**memory["fired"], **latest}})


def _of_status(timer: Due, template: str, latest: dict[str, int]) -> Occurrence:
    status, since = timer.data["status"], timer.data["since"]
    data = {"rules": sorted(latest), "too_late": [], "status": status, "since": since, "times": latest}
    turns = [f"{code}={number}" for code, number in sorted(latest.items())]
    return _occurrence(timer.owner_id, template, data, f"{status}:{since}", turns)


def _occurrence(
    record_id: int, template: str, data: dict[str, Any], occasion: str, steps_taken: Iterable[str]
) -> Occurrence:
    """Return the event; for the same steps on the same occasion there is only one, whoever fires it."""
    digest = hashlib.blake2s(" ".join(steps_taken).encode(), digest_size=8).hexdigest()
    key = f"escalation:{record_id}:{occasion}:{digest}"
    about = {"template": template, **data}
    return Occurrence(EventKind.RECORD_ESCALATED, Subject(RECORD, record_id), key, about)


def _warns(code: str) -> bool:
    row = catalogue.row(code)
    return row is not None and row.moment is not None and row.moment.side is Side.BEFORE


def _running(record_ids: Collection[int]) -> dict[tuple[int, str], Running]:
    """Return the deadlines of which somebody is to be reminded, by record and name."""
    clock = (Deadline.starts_at, Deadline.due_at, Deadline.term_s, Deadline.is_named, Deadline.calendar_id)
    query = (
        select(Deadline.record_id, Deadline.name, *clock, RecordTemplate.system_name)
        .join(Record, Record.id == Deadline.record_id)
        .join(RecordTemplate, RecordTemplate.id == Record.template_id)
        .where(Deadline.record_id.in_(record_ids), ~Record.is_archived)
        .where(Deadline.due_at.is_not(None), Deadline.met_at.is_(None), Deadline.paused_at.is_(None))
    )
    return {(row[0], row[1]): Running(*row) for row in db.session.execute(query)}


def _waiting(record_ids: Collection[int]) -> dict[int, Waiting]:
    query = (
        select(Record.id, RecordTemplate.system_name, Status.system_name)
        .join(RecordTemplate, RecordTemplate.id == Record.template_id)
        .join(Status, Status.id == Record.status_id)
        .where(Record.id.in_(record_ids), ~Record.is_archived)
    )
    deadlines = queries.deadlines_by_records(record_ids)
    return {
        number: Waiting(template, status, arming.calendars_of(deadlines.get(number, {}).values()))
        for number, template, status in db.session.execute(query)
    }
