"""Forgets what nobody needs any more, a thousand rows at a time, so that nobody waits meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select, text
from sqlalchemy.orm import InstrumentedAttribute

from jobs import stopping
from webapp.core import job_queue
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.records.models import RequestOnce
from webapp.events.models import Receipt, ReceiptState
from webapp.job_names import JobName
from webapp.messaging.messages.models import Attempt, Delivery, DeliveryState, Message, MessageBody
from webapp.messaging.push.models import PushNote
from webapp.people.accounts import services as accounts

log = logging.getLogger(__name__)

BATCH = 1000
MOST_BATCHES = 50
FORM_REPEATS_ARE_REFUSED = timedelta(days=1)
BODIES_ARE_KEPT = timedelta(days=90)
READ_NOTES_ARE_KEPT = timedelta(days=90)
ATTEMPTS_ARE_KEPT = timedelta(days=365)
RECEIPTS_ARE_KEPT = timedelta(days=365)
UNFINISHED = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.UNCERTAIN)


def prune_history() -> None:
    """Delete what is older than its time; what is left over goes with the next ring, an hour later.

    Events are never deleted: they are the history of records.
    """
    job_queue.answer(JobName.PRUNE)
    count = _in_batches(accounts.forget_old_sessions)
    for key, is_old in _old_rows():
        count += _in_batches(partial(_delete_some, key, is_old))
    _give_room_back()
    if count:
        log.info("forgot %s rows that nobody needs any more", count)


def _old_rows() -> tuple[tuple[InstrumentedAttribute[Any], ColumnElement[bool]], ...]:
    """Return each kind of row by its key, with what makes it old."""
    moment = now()
    is_done = Receipt.state == ReceiptState.DONE.value
    return (
        (RequestOnce.nonce, RequestOnce.created_at < moment - FORM_REPEATS_ARE_REFUSED),
        (MessageBody.message_id, MessageBody.message_id.in_(_finished_messages())),
        (PushNote.id, PushNote.read_at < moment - READ_NOTES_ARE_KEPT),
        (Attempt.delivery_id, Attempt.at < moment - ATTEMPTS_ARE_KEPT),
        (Receipt.event_id, (Receipt.handled_at < moment - RECEIPTS_ARE_KEPT) & is_done),
    )


def _finished_messages() -> Select[Any]:
    unfinished = select(Delivery.message_id).where(Delivery.state.in_([state.value for state in UNFINISHED]))
    is_old = Message.created_at < now() - BODIES_ARE_KEPT
    return select(Message.id).where(is_old, Message.id.not_in(unfinished))


def _delete_some(key: InstrumentedAttribute[Any], is_old: ColumnElement[bool]) -> int:
    keys = db.session.scalars(select(key).where(is_old).order_by(key).limit(BATCH)).all()
    if keys:
        rows = delete(key.class_).where(key.in_(keys), is_old)
        db.session.execute(rows.execution_options(synchronize_session=False))
    return len(keys)


def _in_batches(delete_some: Callable[[], int]) -> int:
    total = 0
    for _ in range(MOST_BATCHES):
        count = delete_some()
        db.session.commit()
        total += count
        if count < BATCH or stopping.is_requested():
            break
    return total


def _give_room_back() -> None:
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("PRAGMA incremental_vacuum(2000)"))
        db.session.commit()
