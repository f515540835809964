"""Puts push notes into the database, as compose does."""

from __future__ import annotations

from typing import Any

from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account


def tell(
    account: Account, title: str = "Ticket #12: Resolved", *, subject: int | None = 12, **values: Any
) -> PushNote:
    """Insert a note and commit; nobody hears of it."""
    is_read = values.pop("is_read", False)
    note = PushNote(
        account_id=account.id,
        subject_type=None if subject is None else "record",
        subject_id=subject,
        title=title,
        read_at=now() if is_read else None,
        **values,
    )
    db.session.add(note)
    db.session.commit()
    return note
