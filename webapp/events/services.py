"""The outbox: writes what happened in the transaction that caused it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.events.kinds import EventKind
from webapp.events.models import PARTS, Event
from webapp.job_names import JobName

DEEPEST = 8


class Subject(NamedTuple):
    """What an event or a message is about: a kind of thing and its id."""

    type: str
    id: int


@dataclass(frozen=True)
class Occurrence:
    """Something that nobody did: it came with time. Its key lets it be announced once."""

    kind: EventKind
    subject: Subject
    dedupe_key: str
    data: dict[str, Any] = field(default_factory=dict)


class ChainTooLong(Exception):
    """Events cause each other without end; the chain was stopped at depth 8."""


def announce(  # noqa: PLR0913 - the parts of an event, named at every call
    kind: EventKind,
    subject: Subject,
    *,
    actor_id: int | None,
    changes: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    cause: Event | None = None,
    dedupe_key: str | None = None,
) -> Event:
    """Write one event; after the commit the dispatcher is rung.

    ``changes`` is ``{attribute: {"before": …, "after": …}}`` with JSON values.
    Raises ChainTooLong when the event would stand deeper than 8 causes.
    """
    depth = cause.depth + 1 if cause else 0
    if depth > DEEPEST:
        raise ChainTooLong(kind)
    event = Event(
        kind=kind.value,
        subject_type=subject.type,
        subject_id=subject.id,
        actor_id=actor_id,
        cause_event_id=cause.id if cause else None,
        depth=depth,
        changes=changes or {},
        data=data or {},
        dedupe_key=dedupe_key,
        part=part_of(subject),
    )
    db.session.add(event)
    db.session.flush()
    ring_on_commit(JobName.DISPATCH_EVENTS, event.part)
    return event


def announce_once(occurrences: Sequence[Occurrence]) -> None:
    """Write many events together, none whose key was announced before; the dispatcher is rung."""
    if not occurrences:
        return
    rows = [
        {
            "kind": one.kind.value,
            "subject_type": one.subject.type,
            "subject_id": one.subject.id,
            "data": one.data,
            "changes": {},
            "dedupe_key": one.dedupe_key,
            "part": part_of(one.subject),
        }
        for one in occurrences
    ]
    db.session.execute(insert(Event).on_conflict_do_nothing(index_elements=["dedupe_key"]), rows)
    for part in {part_of(one.subject) for one in occurrences}:
        ring_on_commit(JobName.DISPATCH_EVENTS, part)


def part_of(subject: Subject) -> int:
    """Return the part of the outbox in which a subject's events keep their order."""
    return zlib.crc32(f"{subject.type}:{subject.id}".encode()) % PARTS
