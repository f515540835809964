"""How the tests of restored databases look at them, and put them back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from webapp.core.db import db
from webapp.messaging.mail_connections.models import HighWaterMark
from webapp.messaging.messages import restores

RELEASE: Final = "/deliveries/release"


def look() -> bool:
    """Look as the clock and senders do."""
    may_leave = restores.look()
    db.session.commit()
    return may_leave


def mark() -> HighWaterMark:
    """Return what the database says of itself."""
    db.session.rollback()
    return db.session.scalars(select(HighWaterMark).execution_options(populate_existing=True)).one()


def put_back(moment: datetime) -> None:
    """Let the database say what a backup of the moment says."""
    db.session.execute(update(HighWaterMark).values(alive_at=moment))
    db.session.commit()
