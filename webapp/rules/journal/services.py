"""Lets subscribers handle again what they failed on."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import literal, select, update

from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.events.models import Event, Receipt, ReceiptState
from webapp.job_names import JobName

MOST_AT_ONCE = 1000


def replay(event: Event) -> bool:
    """Let whoever failed on the event handle it again; rings the dispatcher. False when nobody had failed."""
    return replay_many([event.id]) > 0


def replay_all_failed() -> int:
    """Let all failed events be handled again, at most 1,000 at once; returns how many."""
    failed = select(Receipt.event_id).where(
        Receipt.state == literal(ReceiptState.FAILED.value, literal_execute=True)
    )
    return replay_many(
        db.session.scalars(failed.distinct().order_by(Receipt.event_id).limit(MOST_AT_ONCE)).all()
    )


def replay_many(event_ids: Collection[int]) -> int:
    """Put failed receipts of these events back, and the events into the outbox; returns how many events."""
    wanted = (
        update(Receipt)
        .where(Receipt.event_id.in_(event_ids), Receipt.state == ReceiptState.FAILED.value)
        .values(state=ReceiptState.RETRY.value)
        .returning(Receipt.event_id)
        .execution_options(synchronize_session=False)
    )
    put_back = set(db.session.scalars(wanted))
    # An event that broke its worker three times gets three tries again: a person decided so.
    undone = (
        update(Event).where(Event.id.in_(put_back)).values(is_done=False, attempts=0).returning(Event.part)
    )
    for part in set(db.session.scalars(undone.execution_options(synchronize_session=False))):
        ring_on_commit(JobName.DISPATCH_EVENTS, part)
    return len(put_back)
