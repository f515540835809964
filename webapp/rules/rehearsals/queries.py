"""Reads rehearsals."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from webapp.core.db import db
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.rehearsals.models import Rehearsal


def get_latest(row: EventAction) -> Rehearsal | None:
    """Return the newest rehearsal of the row."""
    newest = select(Rehearsal).where(Rehearsal.code == row.code).order_by(Rehearsal.id.desc())
    return db.session.scalar(newest.limit(1))


def list_unended() -> Sequence[int]:
    """Return the numbers of the rehearsals that have no result yet."""
    return db.session.scalars(
        select(Rehearsal.id).where(Rehearsal.ended_at.is_(None)).order_by(Rehearsal.id)
    ).all()
