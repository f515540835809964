"""The road of a record's latest event, read back from the database, from event to attempt and note."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select

from webapp.app import create_app
from webapp.core.config import Config
from webapp.core.db import db
from webapp.events.models import Event, Receipt
from webapp.launcher.browser import wait_until
from webapp.messaging.messages.models import Attempt, Delivery, DeliveryState, Message
from webapp.messaging.push.models import PushNote

Step = tuple[datetime, str]
ON_ITS_WAY: Final = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)
LONGEST_WRITING_S: Final = 15.0


def list_steps(config: Config, record_id: int) -> list[Step]:
    """Return what happened since the record's latest event, in the order of time.

    A mail is with its reader a moment before the sender has written that it is: this waits for the word.
    Raises PageRefused when it does not come.
    """
    app = create_app(config)
    with app.app_context():
        wait_until(
            lambda: not _is_on_its_way(record_id), "the word that the e-mail was sent", LONGEST_WRITING_S
        )
        of_record = (Event.subject_type == "record", Event.subject_id == record_id)
        event = db.session.scalar(select(Event).where(*of_record).order_by(Event.id.desc()).limit(1))
        steps = sorted(_steps(event)) if event else []
        db.session.remove()
        db.engine.dispose()
    return steps


def _is_on_its_way(record_id: int) -> bool:
    of_record = (Message.subject_type == "record", Message.subject_id == record_id)
    found = select(Delivery.id).join(Delivery.message).where(*of_record, Delivery.state.in_(ON_ITS_WAY))
    is_found = db.session.scalar(found.limit(1)) is not None
    db.session.rollback()
    return is_found


def _steps(event: Event) -> Iterator[Step]:
    yield event.happened_at, f"event {event.id}: {event.kind}, {_changes(event)}"
    for receipt in db.session.scalars(select(Receipt).where(Receipt.event_id == event.id)):
        yield receipt.handled_at, f"receipt: {receipt.subscriber} {receipt.state}"
    for message in db.session.scalars(select(Message).where(Message.event_id == event.id)):
        yield (
            message.created_at,
            f"message {message.id}: rule {message.rule_code}, {message.role}, “{message.title}”",
        )
        yield from _delivery_steps(message)
        yield from _note_steps(message)


def _delivery_steps(message: Message) -> Iterator[Step]:
    for delivery in db.session.scalars(select(Delivery).where(Delivery.message_id == message.id)):
        yield delivery.created_at, f"delivery {delivery.id} to {delivery.address}: waiting"
        for attempt in db.session.scalars(select(Attempt).where(Attempt.delivery_id == delivery.id)):
            yield (
                attempt.at,
                f"attempt {attempt.n}: {attempt.step}, {attempt.verdict}, “{attempt.reply}”, {attempt.ms} ms",
            )
        if delivery.sent_at:
            yield delivery.sent_at, f"delivery {delivery.id}: {delivery.state}, “{delivery.reply}”"


def _note_steps(message: Message) -> Iterator[Step]:
    for note in db.session.scalars(select(PushNote).where(PushNote.message_id == message.id)):
        yield note.created_at, f"push note {note.id}: “{note.title}”"


def _changes(event: Event) -> str:
    pairs = (
        f"{name} {change.get('before')} → {change.get('after')}" for name, change in event.changes.items()
    )
    return ", ".join(pairs) or "no changes"
