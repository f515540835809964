"""The live stream of one open page: what it sends, when, and what it has shown already."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from webapp.core.clock import now
from webapp.messaging.push.hub import Hub
from webapp.messaging.push.models import PushNote
from webapp.messaging.push.queries import LATEST

log = logging.getLogger(__name__)

HEARTBEAT = ": still here\n\n"
OVER_EVENT = "over"
CHANGED_EVENT = "notes"
MOST_TOASTS = 3
FRESH_FOR = timedelta(minutes=1)
RECONNECT_MS = 1_000
RECONNECT_WITHOUT_ROOM_MS = 15_000

#: Looks at the database: text to send ("" when nothing has changed), or None when the session is over.
Look = Callable[[], str | None]


def follow(hub: Hub, account_id: int, session_id: int, look: Look) -> Iterator[str]:
    """Yield the text of the stream: the state at once, again at every change, and a sign of life in between.

    No database connection is held while it waits. It ends with the session.
    """
    # Not before the first text is asked for: a response that is never begun is never closed either.
    stream = hub.open(account_id, session_id)
    if stream is None:
        yield from _state_only(hub, look)
        return
    try:
        yield _retry(RECONNECT_MS)
        while not stream.is_ended:
            sent = _look(hub, look)
            if sent is None:
                stream.end(is_over=True)
                break
            yield sent or HEARTBEAT
            stream.wait(hub.patience)
        if stream.is_over:
            yield server_event("", name=OVER_EVENT)
    finally:
        hub.close(stream)


def server_event(text: str, *, name: str = "", event_id: int | None = None) -> str:
    """Return one event in the form of text/event-stream (HTML Living Standard, 9.2.6)."""
    fields = [f"event: {name}"] if name else []
    fields += [f"id: {event_id}"] if event_id is not None else []
    # A lone CR is an end of line there as well: left in, a note could write fields of its own.
    fields += [f"data: {line}" for line in re.split(r"\r\n|\r|\n", text)]
    return "\n".join(fields) + "\n\n"


class Announced:
    """Which notes a page has seen, so that each new one becomes a toast once."""

    def __init__(self, since: int | None) -> None:
        self._since = since
        self._known: set[int] | None = None
        self._lowest = 0

    def take_new(self, notes: Sequence[PushNote]) -> list[PushNote]:
        """Return the latest unread notes that have not been announced, oldest first, and remember all."""
        new = [note for note in notes if note.read_at is None and self._is_new(note)]
        self._known = {note.id for note in notes}
        # What slides into a full list from below, because notes above it went away, is old.
        self._lowest = min(self._known) if len(notes) >= LATEST else 0
        return new[:MOST_TOASTS][::-1]

    def _is_new(self, note: PushNote) -> bool:
        if self._known is None:
            # A page that was cut off for a moment announces what came meanwhile; any other begins in silence.
            return self._since is not None and note.id > self._since and now() - note.created_at < FRESH_FOR
        # Not "after the last id": on PostgreSQL a lower id may be committed later than a higher one.
        return note.id not in self._known and note.id > self._lowest


def _state_only(hub: Hub, look: Look) -> Iterator[str]:
    """Yield the state once and let the browser come again: a process full of streams must serve pages too."""
    yield _retry(RECONNECT_WITHOUT_ROOM_MS)
    sent = _look(hub, look)
    yield server_event("", name=OVER_EVENT) if sent is None else sent


def _retry(milliseconds: int) -> str:
    # htmx takes the pause only from a message that has an event or data.
    return f"retry: {milliseconds}\nevent: connected\ndata:\n\n"


def _look(hub: Hub, look: Look) -> str | None:
    try:
        with hub.turn():
            return look()
    except Exception:
        # The page would come back at once and fail again; the next look may find the database well.
        log.exception("push: a stream could not look at the database")
        return HEARTBEAT
