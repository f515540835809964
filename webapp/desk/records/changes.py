"""One save, one event: compares a record before and after, keeps what is derived in step, and announces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.records import attribute_door, indexes, kept_in_step
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.models import Record
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.events.services import Subject, announce
from webapp.people.accounts.models import Account

RECORD = "record"
#: What an event is that changed no attribute, by what it brings; the first that it brings counts.
KINDS_BY_DATA = {
    "vote": EventKind.RECORD_VOTED,
    "replaced": EventKind.RECORD_APPROVER_REPLACED,
    "comment": EventKind.RECORD_COMMENTED,
    "files": EventKind.RECORD_FILES_CHANGED,
    "observer": EventKind.RECORD_SUBSCRIBED,
    "rating": EventKind.RECORD_RATED,
}
COLUMN_PEOPLE = ("author", "requester", "assignee", "team", "status")


@dataclass
class Recording:
    """What is being recorded. ``data`` goes into the event; ``event`` comes afterwards, if any."""

    record: Record
    before: dict[str, Any]
    data: dict[str, Any] = field(default_factory=dict)
    event: Event | None = None
    actor: Account | None = None

    @property
    def is_new(self) -> bool:
        """Whether the record is made by this."""
        return not self.before

    @property
    def changes(self) -> dict[str, Any]:
        """Return what differs now, as ``{name: {"before": …, "after": …}}``."""
        after = attribute_door.snapshot(self.record)
        return {
            name: {"before": self.before.get(name), "after": value}
            for name, value in after.items()
            if self.before.get(name) != value
        }


@contextmanager
def recording(record: Record, actor: Account | None, *, cause: Event | None = None) -> Iterator[Recording]:
    """Change the record inside the block; one event tells what came of it, none when nothing did. Flushes.

    The record's row is locked first, so that the events of one record have the order of their commits; what
    it holds is read again under the lock. ``version`` counts edits of attributes only. What follows from the
    change in other packages is written with it. Raises Refused.
    """
    _lock(record)
    change = Recording(record, attribute_door.snapshot(record), actor=actor)
    yield change
    changes = change.changes
    if not changes and not change.data:
        return
    record.touched_at = now()
    if changes.keys() - {STATUS}:
        record.version += 1
    kept_in_step.ask_all(change)
    changes = change.changes
    _finish(change, _kind(change, changes), actor, changes, cause)


def record_creation(
    record: Record,
    actor: Account | None,
    *,
    data: Mapping[str, Any] | None = None,
    then: Callable[[], dict[str, Any]] = dict,
    cause: Event | None = None,
) -> Event:
    """Write the new record, what is derived from it, and its first event, which keeps ``data``.

    ``then`` writes what belongs to the record, once that has its number, and says what the event tells of it.
    Flushes; raises Refused.
    """
    record.created_at = record.touched_at = now()
    change = Recording(record, {}, dict(data or {}), actor=actor)
    with db.session.no_autoflush:
        kept_in_step.ask_all(change)
    db.session.add(record)
    db.session.flush()
    change.data |= then()
    _finish(change, EventKind.RECORD_CREATED, actor, change.changes, cause)
    if change.event is None:
        raise AssertionError("a creation always announces")
    return change.event


def _finish(
    change: Recording, kind: EventKind, actor: Account | None, changes: dict[str, Any], cause: Event | None
) -> None:
    record = change.record
    names = changes if kind != EventKind.RECORD_CREATED else _all_names(record)
    indexes.refresh(record, names)
    db.session.expire(record, COLUMN_PEOPLE)  # ids changed: the people behind them must be read anew
    change.event = announce(
        kind,
        Subject(RECORD, record.id),
        actor_id=actor.id if actor else None,
        changes=changes,
        data={"template": record.template.system_name, **change.data},
        cause=cause,
    )
    kept_in_step.let_all_follow(change)


def _lock(record: Record) -> None:
    db.session.flush()
    # On PostgreSQL this waits for whoever changes the record; on SQLite the transaction is the lock.
    same = update(Record).where(Record.id == record.id).values(touched_at=Record.touched_at)
    db.session.execute(same, execution_options={"synchronize_session": False})
    db.session.refresh(record)


def _kind(change: Recording, changes: dict[str, Any]) -> EventKind:
    if changes:
        return EventKind.RECORD_CHANGED
    return next(kind for name, kind in KINDS_BY_DATA.items() if name in change.data)


def _all_names(record: Record) -> list[str]:
    return [attribute.system_name for attribute in record.template.live_attributes]
