"""Fires the timers that are due: events are written and the timers move on, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, update

from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.core.row_changes import change_rows
from webapp.events.services import Occurrence, announce_once
from webapp.timers import queries
from webapp.timers.models import Timer
from webapp.timers.queries import Due

CHUNK: Final = 500
#: A timer whose kind cannot handle it is tried again after this, so that those behind it go on.
PUT_OFF: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Fired:
    """What came of one timer: events, when it fires next if ever, what it remembers; or that it is over."""

    occurrences: tuple[Occurrence, ...] = ()
    next_at: datetime | None = None
    data: Mapping[str, Any] | None = None
    is_over: bool = False


OVER: Final = Fired(is_over=True)

Handler = Callable[[Sequence[Due], datetime], Mapping[int, Fired]]
_handlers: dict[str, Handler] = {}


def fires(kind: str) -> Callable[[Handler], Handler]:
    """Register who says what comes of due timers of a kind, by their ids, at a moment; it writes nothing."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def fire_some(size: int = CHUNK) -> int:
    """Fire the next timers that are due, in the present transaction; returns how many there were."""
    at = queries.present_moment()
    timers = queries.take_due(at, size)
    fired: dict[int, Fired] = {}
    for kind, handler in _handlers.items():
        mine = [timer for timer in timers if timer.kind.partition(":")[0] == kind]
        fired |= handler(mine, at) if mine else {}
    announce_once([one for each in fired.values() for one in each.occurrences])
    failpoint("timers.announced")
    _move(timers, fired)
    return len(timers)


def put_off_first() -> int | None:
    """Let the first timer that is due wait a while; returns its id. For one that cannot be handled."""
    at = queries.present_moment()
    timer = next(iter(queries.take_due(at, 1)), None)
    if timer is None:
        return None
    change_rows(update(Timer).where(Timer.id == timer.id).values(fire_at=at + PUT_OFF))
    return timer.id


def _move(timers: Iterable[Due], fired: Mapping[int, Fired]) -> None:
    """Move the timers on, and delete those whose owners are over, or whom nobody knows."""
    over, moved = [], []
    for timer in timers:
        one = fired.get(timer.id, OVER)
        if one.is_over:
            over.append(timer.id)
        else:
            data = dict(timer.data if one.data is None else one.data)
            moved.append({"id": timer.id, "fire_at": one.next_at, "data": data})
    if over:
        change_rows(delete(Timer).where(Timer.id.in_(over)))
    if moved:
        db.session.execute(update(Timer), moved)
    db.session.expire_all()
