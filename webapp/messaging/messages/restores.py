"""Whether the database is the one that was worked with last, or a backup that was put in its place.

Once a lease the database notes that it is alive, and each machine that sends remembers that outside of it. A
database that has not come as far as is remembered is an older one: what waits in it may have been sent since,
so all mail waits until a person releases it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Update, exists, or_, select, update

from webapp.core import config, high_water
from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.core.row_changes import change_rows
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.events.services import Subject, announce
from webapp.job_names import JobName
from webapp.messaging.mail_connections.models import THE_ONLY_MARK, HighWaterMark
from webapp.messaging.mail_connections.queries import list_all
from webapp.messaging.messages import groups
from webapp.messaging.messages.models import Delivery, DeliveryState, GroupAction
from webapp.messaging.messages.state_words import in_words

#: A machine that does not know the database trusts it when it was alive so short a time ago: it was moved.
LONGEST_UNSEEN: Final = timedelta(hours=1)
MAIL: Final = Subject("mail", 1)


class StillSkipping(Exception):
    """What a person has decided not to send is still being cancelled: a release now would send some of it."""


class Suspicion(StrEnum):
    """Why all mail waits for a release."""

    BEHIND = "behind"
    UNKNOWN = "unknown"
    ASKED = "asked"


def look() -> bool:
    """Hold the database against what is remembered; returns whether mail may leave. The caller commits.

    Announces ``mail.stopped`` when it is an older one.
    """
    mark = _sure_mark()
    if mark.unreleased_since is not None:
        return False
    folder = config.current().instance
    known = high_water.remembered(folder, mark.database)
    suspicion = _suspicion(mark, known)
    if suspicion is not None:
        hold(suspicion, known)
        return False
    floor = mark.alive_at - _step()
    if known is None or known < floor:
        high_water.remember(folder, mark.database, floor)
    _move_on(mark)
    return True


def hold(suspicion: Suspicion, remembered_at: datetime | None = None) -> bool:
    """Let all mail wait until a person releases it; says whether it did not wait already. The caller commits.

    Announces ``mail.stopped``.
    """
    _sure_mark()
    values = {"unreleased_since": now(), "suspicion": suspicion.value, "remembered_at": remembered_at}
    is_first = bool(change_rows(_the_mark().where(HighWaterMark.unreleased_since.is_(None)).values(**values)))
    if is_first:
        announce(EventKind.MAIL_STOPPED, MAIL, actor_id=None, data={"suspicion": suspicion.value})
    return is_first


def release(*, actor_id: int | None) -> bool:
    """Let mail leave again; says whether it waited for that. The caller commits.

    Announces ``mail.released`` and rings for every connection. Raises StillSkipping.
    """
    if any(decision.action == GroupAction.SKIP for decision in groups.list_undone()):
        raise StillSkipping
    mark = _sure_mark()
    # Not before what is remembered, wherever the clock stands, or the next look would be suspicious again.
    alive_at = max(now(), mark.remembered_at or now())
    values = {"unreleased_since": None, "suspicion": None, "remembered_at": None, "alive_at": alive_at}
    is_first = bool(
        change_rows(_the_mark().where(HighWaterMark.unreleased_since.is_not(None)).values(**values))
    )
    if is_first:
        announce(EventKind.MAIL_RELEASED, MAIL, actor_id=actor_id)
        for connection in list_all():
            ring_on_commit(JobName.DELIVER_MAIL, connection.id)
    return is_first


def get_unreleased() -> HighWaterMark | None:
    """Return the mark of a database whose mail waits for a release; None when it does not."""
    return db.session.scalar(select(HighWaterMark).where(HighWaterMark.unreleased_since.is_not(None)))


def ended_at(mark: HighWaterMark) -> datetime:
    """Return up to when the database was worked with, as far as it says: it may have gone on for one step."""
    return mark.alive_at + _step()


def was_asleep(mark: HighWaterMark) -> bool:
    """Whether nobody had worked with the database for a while when its mail began to wait."""
    return mark.unreleased_since is not None and mark.unreleased_since > ended_at(mark)


def _suspicion(mark: HighWaterMark, known: datetime | None) -> Suspicion | None:
    if known is not None:
        return Suspicion.BEHIND if mark.alive_at < known else None
    is_old = now() - mark.alive_at > LONGEST_UNSEEN
    return Suspicion.UNKNOWN if is_old and _has_work() else None


def _has_work() -> bool:
    on_the_way = (DeliveryState.WAITING, DeliveryState.SENDING)
    is_open = [exists().where(Delivery.state == in_words(state)) for state in on_the_way]
    return bool(db.session.scalar(select(or_(*is_open, exists().where(~Event.is_done)))))


def _move_on(mark: HighWaterMark) -> None:
    moment = now()
    if moment - mark.alive_at >= _step():
        change_rows(_the_mark().where(HighWaterMark.alive_at == mark.alive_at).values(alive_at=moment))


def _step() -> timedelta:
    """Return how far the mark moves at once, and how much a database may lose without being called older."""
    return timedelta(seconds=config.current().lease)


def _sure_mark() -> HighWaterMark:
    mark = _read_mark()
    if mark is None:
        first = {"id": THE_ONLY_MARK, "database": secrets.token_hex(8), "alive_at": now()}
        db.session.execute(insert(HighWaterMark).values(first).on_conflict_do_nothing())
        mark = _read_mark()
        assert mark is not None  # noqa: S101 - it was written by us or by somebody else
    return mark


def _read_mark() -> HighWaterMark | None:
    return db.session.get(HighWaterMark, THE_ONLY_MARK, populate_existing=True)


def _the_mark() -> Update:
    return update(HighWaterMark).where(HighWaterMark.id == THE_ONLY_MARK)
