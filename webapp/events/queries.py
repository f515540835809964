"""Reads of events and receipts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from webapp.core.db import db
from webapp.events.models import Event, Receipt, ReceiptState
from webapp.events.services import Subject


def list_undone(part: int, size: int) -> Sequence[Event]:
    """Return the oldest events of a part that nobody handled yet."""
    return db.session.scalars(
        select(Event).where(Event.part == part, ~Event.is_done).order_by(Event.id).limit(size)
    ).all()


def list_parts_with_undone() -> Sequence[int]:
    """Return the parts of the outbox that have something to do."""
    return db.session.scalars(select(Event.part).where(~Event.is_done).distinct()).all()


def has_undone(part: int) -> bool:
    """Whether the part has an event that nobody handled yet."""
    return db.session.scalar(select(Event.id).where(Event.part == part, ~Event.is_done).limit(1)) is not None


def list_subscribers_to_replay(event_ids: Collection[int]) -> dict[int, set[str]]:
    """Return by event the subscribers that a person wants to handle it again; none for a first handling."""
    wanted = select(Receipt.event_id, Receipt.subscriber).where(
        Receipt.event_id.in_(event_ids), Receipt.state == ReceiptState.RETRY
    )
    found: dict[int, set[str]] = {}
    for event_id, subscriber in db.session.execute(wanted):
        found.setdefault(event_id, set()).add(subscriber)
    return found


def list_receipts(event_ids: Collection[int]) -> dict[tuple[int, str], Receipt]:
    """Return what subscribers did with the events before, by event and subscriber."""
    found = db.session.scalars(select(Receipt).where(Receipt.event_id.in_(event_ids)))
    return {(receipt.event_id, receipt.subscriber): receipt for receipt in found}


def list_of_subject(subject: Subject, *, limit: int = 200) -> Sequence[Event]:
    """Return what happened to the subject, newest first."""
    return db.session.scalars(
        select(Event)
        .where(Event.subject_type == subject.type, Event.subject_id == subject.id)
        .order_by(Event.id.desc())
        .limit(limit)
    ).all()


def list_later_changes(event: Event) -> Sequence[dict[str, Any]]:
    """Return what later events changed of the event's subject, oldest first; nothing for one not stored."""
    if event.id is None:
        return ()
    same = (Event.subject_type == event.subject_type, Event.subject_id == event.subject_id)
    later = select(Event.changes).where(*same, Event.id > event.id).order_by(Event.id)
    return db.session.scalars(later).all()
