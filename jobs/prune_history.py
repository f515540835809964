"""Forgets what nobody needs any more: found without a lock, deleted a few rows at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, select, text, true
from sqlalchemy.orm import InstrumentedAttribute

from jobs import stopping
from webapp.core import job_queue
from webapp.core.clock import now
from webapp.core.db import db, reading
from webapp.core.row_changes import change_rows
from webapp.desk.records.models import RequestOnce
from webapp.events.models import Receipt, ReceiptState
from webapp.job_names import JobName
from webapp.messaging.messages.models import (
    Attempt,
    Delivery,
    DeliveryHour,
    DeliveryState,
    GroupDecision,
    Message,
    MessageBody,
)
from webapp.messaging.push.models import PushNote
from webapp.people.accounts import services as accounts
from webapp.people.company.models import Logo
from webapp.rules.rehearsals.models import Rehearsal

log = logging.getLogger(__name__)

#: Rows looked at in one read, and deleted under the writer lock at once.
BATCH: Final = 1000
#: What is left over goes with the next ring.
MOST_ROWS: Final = 50_000
UNFINISHED: Final = (
    DeliveryState.WAITING.value,
    DeliveryState.SENDING.value,
    DeliveryState.HELD.value,
    DeliveryState.UNCERTAIN.value,
)


@dataclass(frozen=True)
class _Kind:
    """One kind of row, walked in the order of its key, and what makes a row old."""

    key: InstrumentedAttribute[Any]
    at: ColumnElement[Any] | InstrumentedAttribute[Any]
    kept: timedelta
    is_finished: ColumnElement[bool]
    #: Whether later rows are younger, so that the walk may end at the first young one.
    grows_with_time: bool = True


_IS_UNFINISHED = exists().where(Delivery.message_id == MessageBody.message_id, Delivery.state.in_(UNFINISHED))
_IS_DONE = Receipt.state == ReceiptState.DONE.value
_WRITTEN_AT = select(Message.created_at).where(Message.id == MessageBody.message_id).scalar_subquery()

#: The oldest text that is kept may have been made with any logo that was in use then or later.
_OLDEST_BODY_AT = (
    select(Message.created_at).join(MessageBody).order_by(MessageBody.message_id).limit(1).scalar_subquery()
)
_IS_FREE = Logo.used_until.is_not(None) & (_OLDEST_BODY_AT.is_(None) | (Logo.used_until < _OLDEST_BODY_AT))

KINDS: Final = (
    _Kind(RequestOnce.nonce, RequestOnce.created_at, timedelta(days=1), true(), grows_with_time=False),
    _Kind(MessageBody.message_id, _WRITTEN_AT, timedelta(days=90), ~_IS_UNFINISHED),
    _Kind(PushNote.id, PushNote.read_at, timedelta(days=90), PushNote.read_at.is_not(None), False),
    _Kind(DeliveryHour.hour, DeliveryHour.hour, timedelta(days=90), true()),
    _Kind(Logo.sha256, Logo.used_until, timedelta(0), _IS_FREE, grows_with_time=False),
    _Kind(Attempt.delivery_id, Attempt.at, timedelta(days=365), true()),
    _Kind(
        GroupDecision.id, GroupDecision.created_at, timedelta(days=365), GroupDecision.ended_at.is_not(None)
    ),
    _Kind(Rehearsal.id, Rehearsal.created_at, timedelta(days=30), Rehearsal.ended_at.is_not(None)),
    _Kind(Receipt.event_id, Receipt.handled_at, timedelta(days=365), _IS_DONE),
)


def prune_history() -> None:
    """Delete what is older than its time; what is left over goes with the next ring, an hour later.

    Events are never deleted: they are the history of records.
    """
    job_queue.answer(JobName.PRUNE)
    count = _in_batches(accounts.forget_old_sessions)
    for kind in KINDS:
        count += _prune(kind)
    _give_room_back()
    if count:
        log.info("forgot %s rows that nobody needs any more", count)


def _prune(kind: _Kind) -> int:
    before, after, total = now() - kind.kept, None, 0
    while total < MOST_ROWS and not stopping.is_requested():
        with reading():  # a look that takes long must not keep the only writer of SQLite waiting
            rows = _window(kind, after)
        old = {row.key for row in rows if row.is_finished and row.at is not None and row.at < before}
        if old:
            _delete(kind, sorted(old), before)
            total += len(old)
        if len(rows) < BATCH or (kind.grows_with_time and rows[-1].at >= before):
            break
        after = rows[-1].key
    return total


def _window(kind: _Kind, after: Any) -> Sequence[Any]:  # noqa: ANN401 - a key of any table
    window = select(kind.key.label("key"), kind.at.label("at"), kind.is_finished.label("is_finished"))
    if after is not None:
        window = window.where(kind.key > after)
    return db.session.execute(window.order_by(kind.key).limit(BATCH)).all()


def _delete(kind: _Kind, keys: Sequence[Any], before: datetime) -> None:
    change_rows(delete(kind.key.class_).where(kind.key.in_(keys), kind.is_finished, kind.at < before))
    db.session.commit()


def _in_batches(delete_some: Callable[[], int]) -> int:
    total = 0
    while total < MOST_ROWS:
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
