"""Comments as they are written and shown, with the people whom they mention."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from webapp.core.db import db
from webapp.desk.records.mentions import mentions_of, read_mentions
from webapp.desk.records.models import Comment, Record
from webapp.desk.records.plain_text import as_html
from webapp.people.accounts.models import Account

MARK = Markup('<span class="mention">{}</span>')
MARK_OF_READER = Markup('<strong class="mention mention-me">{}</strong>')


def write_comment(record: Record, body: str, author: Account, *, is_internal: bool) -> dict[str, Any]:
    """Write a comment and return what its event keeps of it. Flushes."""
    found = read_mentions(body, record, author, is_internal=is_internal)
    mentions = [list(mention) for mention in found.mentions] or None
    comment = Comment(
        record_id=record.id, author_id=author.id, body=body, is_internal=is_internal, mentions=mentions
    )
    db.session.add(comment)
    db.session.flush()
    mentioned = {"mentioned": found.account_ids} if mentions else {}
    return {"id": comment.id, "is_internal": is_internal, **mentioned}


def comment_as_html(comment: Comment, reader_id: int) -> Markup:
    """Return the comment as safe HTML with its mentions marked, those of the reader most."""
    parts: list[Markup] = []
    end = 0
    for mention in mentions_of(comment):
        mark = MARK_OF_READER if mention.account_id == reader_id else MARK
        parts += [
            as_html(comment.body[end : mention.start]),
            mark.format(comment.body[mention.start : mention.end]),
        ]
        end = mention.end
    return Markup().join([*parts, as_html(comment.body[end:])])
