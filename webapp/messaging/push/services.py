"""Writes of push notes: a person marks them as read."""

from __future__ import annotations

from sqlalchemy import update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.push import queries
from webapp.messaging.push.bus import publish_on_commit
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account


def mark_read(account: Account, note_id: int) -> PushNote | None:
    """Mark one note of the account as read and return it, None when it has no such note.

    All open pages of the account hear of it after the commit.
    """
    _mark(account, note_id)
    return queries.get_note(note_id, account.id)


def mark_all_read(account: Account) -> int:
    """Mark every note of the account as read and return how many were not.

    All open pages of the account hear of it after the commit.
    """
    return _mark(account, None)


def _mark(account: Account, note_id: int | None) -> int:
    statement = update(PushNote).where(PushNote.account_id == account.id, PushNote.read_at.is_(None))
    if note_id is not None:
        statement = statement.where(PushNote.id == note_id)
    marked = db.session.execute(statement.values(read_at=now()).returning(PushNote.id)).all()
    if marked:
        publish_on_commit([account.id])
    return len(marked)
