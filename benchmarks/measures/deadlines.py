"""The look for what is due: a million timers at rest, and ten thousand that are due at once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text

from benchmarks.installation import Installation
from benchmarks.measurement import Goal, Measurement
from benchmarks.measures.drain import NAMES, Lost
from benchmarks.rounds import Figures, Unit
from benchmarks.stage import DATABASES, Stage
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.agreements.models import Deadline
from webapp.desk.records.models import Record
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.people.calendars import hours_text
from webapp.people.calendars import services as calendars
from webapp.people.calendars.models import WorkingCalendar
from webapp.timers import firing, queries
from webapp.timers.models import Timer

AT_REST: Final = 1_000_000
DUE: Final = 10_000
CHUNK: Final = 5_000
LOOKS: Final = 200
KIND: Final = "deadline:resolution"
#: Timers at rest have owners from here on, who are no records.
FIRST_AT_REST: Final = 10**9
CALENDAR: Final = "Of the measurement"


def measurements() -> list[Measurement]:
    """Return the measurement on both databases."""
    return [
        Measurement(
            f"deadlines.{database}",
            f"deadline scan, 1,000,000 timers: none due / 10,000 due, {NAMES[database]}",
            partial(scan, database=database),
            (
                Goal(Unit.MILLISECONDS, 5, 1, "none due"),
                Goal(Unit.MILLISECONDS, 1000, 300, "10,000 due"),
            ),
        )
        for database in DATABASES
    ]


def scan(stage: Stage, *, database: str) -> Figures:
    """Look with nothing due, then fire what is due; return milliseconds. Raises Lost."""
    installation, due = stage.installation(database), stage.scaled(DUE)
    with installation.opened():
        _fill(stage.scaled(AT_REST))
    none_due = _look(installation)
    with installation.opened():
        _make_due(due)
        before = _count_events()
    spent = _fire(installation)
    with installation.opened():
        made = _count_events() - before
        _clear()
    installation.settle_all()
    if made != due:
        raise Lost(f"{due} timers made {made} events")
    return {"none due": none_due, "10,000 due": spent}


def _look(installation: Installation) -> float:
    times = []
    with installation.opened():
        for _number in range(LOOKS):
            began = time.perf_counter()
            if queries.is_any_due():
                raise Lost("something is due already")
            db.session.rollback()
            times.append((time.perf_counter() - began) * 1000)
    return median(times)


def _fire(installation: Installation) -> float:
    with installation.opened():
        began = time.perf_counter()
        while firing.fire_some():
            db.session.commit()
        return (time.perf_counter() - began) * 1000


def _fill(wanted: int) -> None:
    """Bring the installation to so many timers that fire in a year; nobody looks at their records."""
    there = db.session.scalar(select(func.count(Timer.id))) or 0
    later = now() + timedelta(days=365)
    for start in range(there, wanted, CHUNK):
        numbers = range(start, min(start + CHUNK, wanted))
        _insert_timers(
            {"owner_id": FIRST_AT_REST + number, "fire_at": later + timedelta(seconds=number)}
            for number in numbers
        )
        db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def _make_due(count: int) -> None:
    """Make tickets whose deadline is just over, each with its timer."""
    pattern = db.session.scalars(select(Record).order_by(Record.id).limit(1)).one()
    shared = {column.name: getattr(pattern, column.name) for column in Record.__table__.columns}
    shared.pop("id")
    calendar_id = _calendar_id()
    due_at = now() - timedelta(minutes=1)
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        ids = list(db.session.scalars(insert(Record).returning(Record.id), [shared] * size))
        clock = {"starts_at": due_at - timedelta(days=1), "counted_from": due_at - timedelta(days=1)}
        rest = {"name": "resolution", "due_at": due_at, "term_s": 8 * 3600, "left_s": 8 * 3600}
        of_records = [{"record_id": number, "calendar_id": calendar_id, **clock, **rest} for number in ids]
        db.session.execute(insert(Deadline), of_records)
        _insert_timers({"owner_id": number, "fire_at": due_at} for number in ids)
    db.session.commit()


def _insert_timers(rows: Iterable[dict[str, Any]]) -> None:
    memory: dict[str, Any] = {"due_at": None, "fired": []}
    db.session.execute(insert(Timer), [{"kind": KIND, "data": memory, **row} for row in rows])


def _calendar_id() -> int:
    week = tuple(hours_text.read("9:00-13:00, 14:00-18:00" if day < 5 else "") for day in range(7))
    calendar = calendars.create_calendar(calendars.Wanted(CALENDAR, "Europe/Moscow", week), actor=None)
    return calendar.id


def _count_events() -> int:
    escalated = Event.kind == EventKind.RECORD_ESCALATED.value
    return db.session.scalar(select(func.count(Event.id)).where(escalated)) or 0


def _clear() -> None:
    """Leave the installation to the other measurements, with timers at rest and more tickets."""
    db.session.execute(delete(Timer).where(Timer.owner_id < FIRST_AT_REST))
    db.session.execute(delete(Deadline))
    db.session.execute(delete(WorkingCalendar).where(WorkingCalendar.name == CALENDAR))
    db.session.commit()
