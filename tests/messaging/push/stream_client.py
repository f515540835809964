"""A raw client of the live stream: reads what a browser would, and keeps when each thing came."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.support.people import SESSION_COOKIE

PATIENCE_S = 20.0


@dataclass
class ServerEvent:
    """One event as it came."""

    name: str
    data: str
    event_id: str
    at: float


@dataclass
class StreamClient:
    """One open page's connection, read in a thread."""

    port: int
    token: str
    since: str = ""
    shown: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    events: list[ServerEvent] = field(default_factory=list)
    comments: int = 0
    retry_ms: int = 0
    is_closed: bool = False

    def __post_init__(self) -> None:
        self._news = threading.Condition()
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def start(self) -> StreamClient:
        """Connect, read the head of the answer, and go on reading in the background."""
        headers = {
            "Cookie": f"{SESSION_COOKIE}={self.token}",
            "HX-Request": "true",
            "Accept": "text/event-stream",
        }
        if self.since:
            headers["Last-Event-ID"] = self.since
        address = "/notes/stream" + (f"?since={self.shown}" if self.shown else "")
        self._connection.request("GET", address, headers=headers)
        self._socket = self._connection.sock
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.headers = {name.lower(): value for name, value in self._response.getheaders()}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def close(self) -> None:
        """Go away as a closed tab does."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # only this wakes the thread that reads
        self._reader.join(5)

    @property
    def states(self) -> list[ServerEvent]:
        """The messages that a page would swap in."""
        return [event for event in self.events if not event.name]

    def wait_for(self, what: Callable[[StreamClient], object], seconds: float = PATIENCE_S) -> float:
        """Wait until it is true and return how long that took. Raises AssertionError."""
        started = time.monotonic()
        with self._news:
            is_true = self._news.wait_for(lambda: bool(what(self)), timeout=seconds)
        assert is_true, (
            f"not within {seconds} s; came: {[(event.name, event.data[:200]) for event in self.events]}"
        )
        return time.monotonic() - started

    def wait_for_state(self, number: int = 1, seconds: float = PATIENCE_S) -> str:
        """Wait for so many states and return the last one's HTML."""
        self.wait_for(lambda client: len(client.states) >= number, seconds)
        return self.states[-1].data

    def _read(self) -> None:
        fields: list[tuple[str, str]] = []
        try:
            for raw in iter(self._response.readline, b""):
                line = raw.decode().rstrip("\r\n")
                if line:
                    name, _, value = line.partition(":")
                    fields.append((name, value.removeprefix(" ")))
                else:
                    self._take(fields)
                    fields = []
        except (OSError, http.client.HTTPException):
            pass
        self._response.close()
        self._connection.close()
        with self._news:
            self.is_closed = True
            self._news.notify_all()

    def _take(self, fields: list[tuple[str, str]]) -> None:
        values = dict(fields)
        data = "\n".join(value for name, value in fields if name == "data")
        with self._news:
            self.retry_ms = int(values.get("retry", self.retry_ms))
            self.comments += sum(not name for name, _value in fields)
            if "data" in values:
                event = ServerEvent(values.get("event", ""), data, values.get("id", ""), time.monotonic())
                self.events.append(event)
            self._news.notify_all()
