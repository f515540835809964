"""The open streams of one web process, and who wakes which of them."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from webapp.messaging.push.bus import NOTES_CHANNEL
from webapp.people.accounts.services.sessions import SESSION_ENDED

MOST_PER_SESSION = 6
MOST_PER_PROCESS = 150
MOST_LOOKS_AT_ONCE = 8
HEARTBEAT_S = 15.0
POLL_S = 5.0


class OpenStream:
    """One open page that waits to be woken; any number of wake-ups while it is busy become one."""

    def __init__(self, account_id: int, session_id: int, number: int) -> None:
        self.account_id = account_id
        self.session_id = session_id
        self.number = number
        self.is_ended = False
        self.is_over = False
        self._is_due = False
        self._condition = threading.Condition()

    def wake(self) -> None:
        """Let the stream look at the database now."""
        with self._condition:
            self._is_due = True
            self._condition.notify_all()

    def end(self, *, is_over: bool) -> None:
        """Let the stream close itself; ``is_over`` tells the page not to come back."""
        self.is_ended = True
        self.is_over = is_over
        self.wake()

    def wait(self, seconds: float) -> None:
        """Return when woken, at the latest after so many seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_due, timeout=seconds)
            self._is_due = False


class Hub:
    """All streams of this process. ``listen`` is started with the first one, in a thread, and feeds ``hear``.

    The thread begins late, because a web server that forks after loading would leave it behind.
    """

    def __init__(self, listen: Callable[[Hub], None], *, most: int = MOST_PER_PROCESS) -> None:
        self.is_hearing = False
        self.is_stopping = False
        self._listen = listen
        #: How many streams there may be at once; deploy/gunicorn.py sets what its kind of worker can hold.
        self.most = most
        self._streams: set[OpenStream] = set()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._looks = threading.BoundedSemaphore(MOST_LOOKS_AT_ONCE)
        self._listener_of: int | None = None

    @property
    def patience(self) -> float:
        """Return after how many seconds a stream looks by itself: soon, when nobody can wake it."""
        return HEARTBEAT_S if self.is_hearing else POLL_S

    def open(self, account_id: int, session_id: int) -> OpenStream | None:
        """Add a stream, None when the process has no room; of too many in one session the oldest is ended."""
        self._start_listening()
        with self._lock:
            mine = sorted((s for s in self._streams if s.session_id == session_id), key=lambda s: s.number)
            replaced = mine[: max(0, len(mine) - MOST_PER_SESSION + 1)]
            if len(self._streams) - len(replaced) >= self.most:
                return None
            stream = OpenStream(account_id, session_id, next(self._numbers))
            self._streams.difference_update(replaced)
            self._streams.add(stream)
        for other in replaced:
            other.end(is_over=True)
        return stream

    def close(self, stream: OpenStream) -> None:
        """Forget a stream that is over."""
        with self._lock:
            self._streams.discard(stream)

    def look_up(self) -> None:
        """Let every stream close itself and its page come back, once the process is asked to stop.

        The listener calls it twice a second. A signal handler itself can only set ``is_stopping``: it must
        not wait for a lock that the code under it may hold.
        """
        if self.is_stopping:
            for stream in self._snapshot():
                stream.end(is_over=False)

    def count(self) -> int:
        """Return how many streams are open."""
        return len(self._streams)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for leave to use the database: streams woken all at once must not take every connection."""
        with self._looks:
            yield

    def hear(self, channel: str, payload: str) -> None:
        """Wake the streams that a word on the bus concerns."""
        if not payload.isascii() or not payload.isdigit():
            return
        number = int(payload)
        for stream in self._snapshot():
            is_meant = (channel == NOTES_CHANNEL and stream.account_id == number) or (
                channel == SESSION_ENDED and stream.session_id == number
            )
            if is_meant:
                stream.wake()

    def set_hearing(self, *, is_hearing: bool) -> None:
        """Remember whether the bus is heard; each change wakes everybody, for words may have been lost."""
        if self.is_hearing != is_hearing:
            self.is_hearing = is_hearing
            for stream in self._snapshot():
                stream.wake()

    def _snapshot(self) -> list[OpenStream]:
        with self._lock:
            return list(self._streams)

    def _start_listening(self) -> None:
        with self._lock:
            if self._listener_of == os.getpid():
                return
            self._listener_of = os.getpid()
        threading.Thread(target=self._listen, args=(self,), name="push-listener", daemon=True).start()
