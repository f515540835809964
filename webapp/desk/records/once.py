"""A form that arrives twice acts once: its nonce leads to what the first one did."""

from __future__ import annotations

import base64
import hashlib

from sqlalchemy import select

from webapp.core.db import db
from webapp.desk.records.models import Record, RequestOnce
from webapp.people.accounts.models import Account


def find_done(nonce: str | None, account: Account) -> Record | None:
    """Return the record that the account's form with this nonce made or changed already."""
    if not nonce:
        return None
    query = select(Record).join(RequestOnce, RequestOnce.record_id == Record.id)
    return db.session.scalar(query.where(RequestOnce.nonce == _nonce_key(nonce, account)))


def remember(nonce: str | None, account: Account, record: Record) -> None:
    """Let the nonce lead to the record from now on. Flushes; raises IntegrityError when it does already."""
    if nonce:
        db.session.add(
            RequestOnce(nonce=_nonce_key(nonce, account), account_id=account.id, record_id=record.id)
        )
        db.session.flush()


def _nonce_key(nonce: str, account: Account) -> str:
    """Of one account only: nobody can use up another person's nonce."""
    digest = hashlib.sha256(f"{account.id}:{nonce}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
