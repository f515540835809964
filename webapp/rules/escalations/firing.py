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
from webapp.desk.agreements import queries
from webapp.desk.agreements.models import Deadline
from webapp.desk.record_templates.models import RecordTemplate, Status
from webapp.desk.records.changes import RECORD
from webapp.desk.records.models import Record
from webapp.events.kinds import EventKind
from webapp.events.services import Occurrence, Subject
from webapp.rules.escalations import arming
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.moments import Moments, Side, get_moments
from webapp.timers.firing import OVER, Fired, fires
from webapp.timers.models import Timer


class Found(NamedTuple):
    """What must be known of a record whose timer is due."""

    id: int
    is_archived: bool
    template: str
    status: str | None
    deadlines: Mapping[str, Deadline]


@fires(arming.OF_DEADLINE)
def fire_deadlines(timers: Sequence[Timer], at: datetime) -> Mapping[int, Fired]:
    """Return what comes of timers of deadlines; writes nothing."""
    records, moments = _records([timer.owner_id for timer in timers]), get_moments()
    return {
        timer.id: _fire_deadline(timer, record, moments, at)
        for timer in timers
        if (record := records.get(timer.owner_id)) is not None
    }


@fires(arming.OF_STATUS)
def fire_statuses(timers: Sequence[Timer], at: datetime) -> Mapping[int, Fired]:
    """Return what comes of timers of records that have a status for long; writes nothing."""
    records, moments = _records([timer.owner_id for timer in timers]), get_moments()
    return {
        timer.id: _fire_status(timer, record, moments, at)
        for timer in timers
        if (record := records.get(timer.owner_id)) is not None
    }


def _fire_deadline(timer: Timer, record: Found, moments: Moments, at: datetime) -> Fired:
    deadline = record.deadlines.get(timer.kind.partition(":")[2])
    if deadline is None or record.is_archived or not arming.is_running(deadline):
        return OVER
    memory = arming.memory_of(deadline, timer)
    plan = arming.plan_of_deadline(deadline, record.template, moments)
    left = {code: moment for code, moment in plan.items() if code not in memory["fired"]}
    passed = sorted(code for code, moment in left.items() if moment <= at)
    next_at = min((moment for moment in left.values() if moment > at), default=None)
    memory["fired"] = [*memory["fired"], *passed]
    told = [_of_deadline(record, deadline, memory["due_at"], passed, at)] if passed else []
    return Fired(tuple(told), next_at, memory)


def _of_deadline(
    record: Found, deadline: Deadline, due_at: str, passed: list[str], at: datetime
) -> Occurrence:
    is_over = deadline.due_at is not None and deadline.due_at <= at
    late = [code for code in passed if is_over and _warns(code)]
    data = {
        "rules": [code for code in passed if code not in late],
        "too_late": late,
        "deadline": deadline.name,
        "due_at": due_at,
    }
    return _occurrence(record, data, f"{deadline.name}:{due_at}", passed)


def _fire_status(timer: Timer, record: Found, moments: Moments, at: datetime) -> Fired:
    memory = timer.data
    if record.is_archived or record.status != memory["status"]:
        return OVER
    turns = arming.turns_of_status(memory, record.template, record.deadlines.values(), moments)
    latest = {turn.code: turn.number for turn in turns if turn.moment <= at}
    next_at = min((turn.moment for turn in turns if turn.moment > at), default=None)
    told = [_of_status(record, memory, latest)] if latest else []
    return Fired(tuple(told), next_at, {**memory, "fired": {**memory["fired"], **latest}})


def _of_status(record: Found, memory: dict[str, Any], latest: dict[str, int]) -> Occurrence:
    status, since = memory["status"], memory["since"]
    data = {"rules": sorted(latest), "too_late": [], "status": status, "since": since, "times": latest}
    turns = [f"{code}={number}" for code, number in sorted(latest.items())]
    return _occurrence(record, data, f"{status}:{since}", turns)


def _occurrence(record: Found, data: dict[str, Any], occasion: str, steps: Iterable[str]) -> Occurrence:
    """Return the event; for the same steps on the same occasion there is only one, whoever fires it."""
    digest = hashlib.blake2s(" ".join(steps).encode(), digest_size=8).hexdigest()
    key = f"escalation:{record.id}:{occasion}:{digest}"
    about = {"template": record.template, **data}
    return Occurrence(EventKind.RECORD_ESCALATED, Subject(RECORD, record.id), key, about)


def _warns(code: str) -> bool:
    row = catalogue.row(code)
    return row is not None and row.moment is not None and row.moment.side is Side.BEFORE


def _records(ids: Collection[int]) -> dict[int, Found]:
    deadlines = queries.deadlines_by_records(ids)
    query = (
        select(Record.id, Record.is_archived, RecordTemplate.system_name, Status.system_name)
        .join(RecordTemplate, RecordTemplate.id == Record.template_id)
        .outerjoin(Status, Status.id == Record.status_id)
        .where(Record.id.in_(ids))
    )
    return {
        record_id: Found(record_id, is_archived, template, status, deadlines.get(record_id, {}))
        for record_id, is_archived, template, status in db.session.execute(query)
    }
