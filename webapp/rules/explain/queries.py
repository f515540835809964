"""Reads what a record told people."""

from __future__ import annotations

from sqlalchemy import exists, func, or_, select

from webapp.core.db import db
from webapp.core.paging import KeysetPage, paginate
from webapp.desk.records.models import Record
from webapp.events.models import Event, Receipt
from webapp.messaging.messages.models import Message
from webapp.people.accounts.models import Account

PAGE_SIZE = 20


def list_events(record: Record, viewer: Account, cursor: str | None) -> KeysetPage[Event]:
    """Return a page of the record's events that told somebody or passed somebody over, newest first.

    To people who are not staff only those that told them: what passed others over would be pages of nothing.
    """
    has_message = exists().where(Message.event_id == Event.id)
    if viewer.is_staff:
        is_wanted = or_(has_message, exists().where(Receipt.event_id == Event.id))
    else:
        is_wanted = has_message.where(Message.account_id == viewer.id)
    statement = select(Event).where(Event.subject_type == "record", Event.subject_id == record.id, is_wanted)
    return paginate(db.session, statement, [(Event.id, "desc")], cursor=cursor, size=PAGE_SIZE)


def count_messages(record: Record, viewer: Account) -> int:
    """Return how many messages about the record the viewer may see."""
    of_record = select(func.count(Message.id)).where(
        Message.subject_type == "record", Message.subject_id == record.id
    )
    if not viewer.is_staff:
        of_record = of_record.where(Message.account_id == viewer.id)
    return db.session.scalar(of_record) or 0
