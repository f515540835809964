"""Reads of timers. What is due, and what time it is, says the database's clock: machines have several."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from webapp.core.clock import sql_now
from webapp.core.db import db
from webapp.timers.models import Timer


def present_moment() -> datetime:
    """Return the present moment by the database's clock.

    Asked for beforehand: a statement that contains the running clock finds nothing by an index.
    """
    moment: datetime = db.session.execute(select(sql_now())).scalar_one()
    return moment


def next_moment() -> datetime | None:
    """Return when the first timer fires: one look at an index."""
    armed = select(Timer.fire_at).where(Timer.fire_at.is_not(None)).order_by(Timer.fire_at, Timer.id)
    return db.session.scalar(armed.limit(1))


def is_any_due() -> bool:
    """Whether something is to happen now."""
    first = next_moment()
    return first is not None and first <= present_moment()


class Due(NamedTuple):
    """A timer that is due, apart from the session: thousands may be at once."""

    id: int
    kind: str
    owner_id: int
    data: Mapping[str, Any]


def take_due(at: datetime, size: int) -> Sequence[Due]:
    """Return timers that are due at the moment, oldest first, each for this transaction alone.

    On PostgreSQL others skip what one has taken; on SQLite the transaction is the only writer.
    """
    columns = (Timer.id, Timer.kind, Timer.owner_id, Timer.data)
    due = select(*columns).where(Timer.fire_at <= at).order_by(Timer.fire_at, Timer.id).limit(size)
    return [Due(*row) for row in db.session.execute(due.with_for_update(skip_locked=True))]


def hold(owner_id: int, kinds: Collection[str]) -> dict[str, Timer]:
    """Return the owner's timers of these kinds as they are now, by kind; nobody fires them meanwhile."""
    theirs = select(Timer).where(Timer.kind.in_(kinds), Timer.owner_id == owner_id).order_by(Timer.id)
    found = db.session.scalars(theirs.with_for_update(), execution_options={"populate_existing": True})
    return {timer.kind: timer for timer in found}
