"""Rows that speak once a day: whether one told a person of the same thing a moment ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.messages.models import Delivery, Message
from webapp.rules.audience import Person
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.look import Look

PAUSE: Final = timedelta(days=1)


def is_on(row: EventAction, person: Person, event: Event, look: Look) -> bool:
    """Whether the row told the person of another event of the same subject within a day before this one."""
    told = look.once((row.code, event.id), lambda: _told_before(row, event))
    return (person.account_id, None if person.account_id else person.address) in told


def _told_before(row: EventAction, event: Event) -> set[tuple[int | None, str | None]]:
    if event.id is None:  # one that has not happened
        return set()
    same = (Message.subject_type == event.subject_type, Message.subject_id == event.subject_id)
    lately = (Message.event_id < event.id, Message.created_at > event.happened_at - PAUSE)
    found = (
        select(Message.account_id, Delivery.address)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(*same, Message.rule_code == row.code, *lately)
    )
    rows = db.session.execute(found)
    return {(account_id, None if account_id else address) for account_id, address in rows}
