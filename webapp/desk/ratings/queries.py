"""Reads ratings, closings, and whether an invitation still opens one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.ratings.invitations import Invitation, mark_of
from webapp.desk.ratings.models import Rating
from webapp.desk.records import queries as records
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.changes import RECORD
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.languages.values.links import LARGEST_ID
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account

LINK_LIVES: Final = timedelta(days=30)
MAY_CHANGE: Final = timedelta(days=1)
SHOWN: Final = 5


@dataclass(frozen=True)
class Opened:
    """A closing that somebody may rate, who they are, and what they said already."""

    event: Event
    record: Record
    account: Account | None
    address: str | None
    rating: Rating | None

    @property
    def is_settled(self) -> bool:
        """Whether it was rated so long ago that it stays."""
        return self.rating is not None and now() - self.rating.created_at > MAY_CHANGE


def open_invitation(invitation: Invitation) -> Opened | None:
    """Return what the invitation opens; None when it has run out, or is not this person's any more."""
    event = _closing(invitation.event_id)
    if event is None or now() - event.happened_at > LINK_LIVES:
        return None
    record = records.get_record(event.subject_id)
    if record is None or record.is_archived:
        return None
    account = accounts.get_account(invitation.account_id) if invitation.account_id else None
    if not _is_asked(invitation, record, account):
        return None
    address = None if account else record.requester_address
    return Opened(event, record, account, address, get_rating(event.id))


def get_rating(event_id: int) -> Rating | None:
    """Return the rating of a closing."""
    return db.session.scalar(select(Rating).where(Rating.closing_event_id == event_id))


def list_ratings(record: Record) -> Sequence[Rating]:
    """Return the newest ratings of the record, newest first."""
    query = select(Rating).where(Rating.record_id == record.id).options(joinedload(Rating.account))
    return db.session.scalars(query.order_by(Rating.id.desc()).limit(SHOWN)).all()


def latest_closing(record: Record) -> Event | None:
    """Return the event that closed the record, if it is closed now."""
    if not is_closed(record):
        return None
    same = (Event.subject_type == RECORD, Event.subject_id == record.id)
    moved = Event.changes[(STATUS, "after")].as_string() == record[STATUS]
    return db.session.scalar(select(Event).where(*same, moved).order_by(Event.id.desc()).limit(1))


def is_closed(record: Record) -> bool:
    """Whether the record's work is confirmed as done."""
    return record.status is not None and record.status.system_name == CLOSED


#: The status that asks for a rating.
CLOSED: Final = "closed"


def _closing(event_id: object) -> Event | None:
    if type(event_id) is not int or not 0 < event_id <= LARGEST_ID:
        return None
    event = db.session.get(Event, event_id)
    if event is None or event.subject_type != RECORD:
        return None
    return event if event.changes.get(STATUS, {}).get("after") == CLOSED else None


def _is_asked(invitation: Invitation, record: Record, account: Account | None) -> bool:
    if invitation.account_id:
        return account is not None and account.is_active and account.id == record.requester_id
    return bool(invitation.mark) and invitation.mark == mark_of(record.requester_address)
