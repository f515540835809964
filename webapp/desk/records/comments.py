"""Comments as they are written."""

from __future__ import annotations

from typing import Any

from webapp.core.db import db
from webapp.desk.records.models import Comment, Record
from webapp.people.accounts.models import Account


def write_comment(record: Record, body: str, author: Account, *, is_internal: bool) -> dict[str, Any]:
    """Write a comment and return what its event keeps of it. Flushes."""
    comment = Comment(record_id=record.id, author_id=author.id, body=body, is_internal=is_internal)
    db.session.add(comment)
    db.session.flush()
    return {"id": comment.id, "is_internal": is_internal}
