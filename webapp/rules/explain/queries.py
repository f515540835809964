"""Reads what a record told people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import selectinload

from webapp.core.db import db
from webapp.core.paging import KeysetPage, paginate
from webapp.desk.records.models import Record, RecordPerson
from webapp.events.models import Event, Receipt
from webapp.languages.values.links import LARGEST_ID
from webapp.messaging.messages.models import Message
from webapp.people.accounts.models import Account
from webapp.people.accounts.queries import get_account, list_accounts

PAGE_SIZE = 20
MESSAGES_SIZE: Final = 50
MOST_OFFERED: Final = 12
LONGEST_SEARCH: Final = 100


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


def get_event(record: Record, event_id: int) -> Event | None:
    """Return the event if it happened to the record."""
    event = db.session.get(Event, event_id) if 0 < event_id <= LARGEST_ID else None
    is_ours = event is not None and (event.subject_type, event.subject_id) == ("record", record.id)
    return event if is_ours else None


def list_messages(event: Event, viewer: Account, cursor: str | None) -> KeysetPage[Message]:
    """Return a page of what the event told people, in the order of its writing."""
    statement = select(Message).where(Message.event_id == event.id).options(selectinload(Message.deliveries))
    if not viewer.is_staff:
        statement = statement.where(Message.account_id == viewer.id)
    return paginate(db.session, statement, [(Message.id, "asc")], cursor=cursor, size=MESSAGES_SIZE)


def list_people(record: Record) -> Sequence[Account]:
    """Return some of the people who have a part in the record, by name."""
    parts = select(RecordPerson.account_id).where(RecordPerson.record_id == record.id)
    found = select(Account).where(Account.id.in_(parts)).order_by(Account.sort_key, Account.id)
    return db.session.scalars(found.limit(MOST_OFFERED)).all()


def find_people(text: str) -> Sequence[Account]:
    """Return the first people whose name or address holds the text, also those who were deactivated."""
    return list_accounts(text=text[:LONGEST_SEARCH], is_active=None, size=MOST_OFFERED).rows


def get_person(number: str | None) -> Account | None:
    """Return the account with this number, as it stands in an address."""
    is_number = number is not None and number.isascii() and number.isdecimal() and len(number) <= 18
    return get_account(int(number)) if is_number and number else None
