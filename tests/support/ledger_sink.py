"""The scripted mail server in a process of its own, with its ledger on disk."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ledger import LedgerFile, entry_of
from tests.support.smtp_sink import SmtpSink
from webapp.core.processes import end_with_parent


@dataclass
class LedgerSink(SmtpSink):
    """Serves on a bound socket that was given to it, ``closed_s`` seconds later than it is started.

    Until then who connects is refused, as by a server that is switched off.
    """

    file: LedgerFile = field(default_factory=lambda: LedgerFile(Path(os.devnull)))
    bound: socket.socket | None = None
    closed_s: float = 0.0

    def keep(self, _sender: str, recipients: tuple[str, ...], raw: bytes, *, was_answered: bool) -> None:
        self.file.write(entry_of(recipients, raw, was_answered=was_answered))

    def note_lost_answer(self, raw: bytes) -> None:
        self.file.write_lost_answer(hashlib.sha256(raw).hexdigest())

    def _listen(self) -> socket.socket:
        if self.bound is None:
            return super()._listen()
        time.sleep(self.closed_s)
        self.bound.listen(64)
        return self.bound


def bind() -> socket.socket:
    """Return a socket with a port of its own on which nobody listens yet."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


class ForkedSink:
    """A ledger sink in a child of this process."""

    def __init__(self, sink: LedgerSink, folder: Path) -> None:
        sink.bound = sink.bound or bind()
        self.port: int = sink.bound.getsockname()[1]
        self.ledger = sink.file
        self._heard = folder / "heard.json"
        self.pid = os.fork()
        if self.pid == 0:
            self._serve(sink)
        sink.bound.close()

    def stop(self) -> dict[str, object]:
        """End it, and return the lines that it heard in clear text and how often each step was visited."""
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        heard: dict[str, object] = json.loads(self._heard.read_text(encoding="utf-8"))
        return heard

    def _serve(self, sink: LedgerSink) -> None:
        try:
            end_with_parent()
            leave = threading.Event()
            signal.signal(signal.SIGTERM, lambda *_: leave.set())
            with sink:
                leave.wait()
            heard = {"clear_lines": sink.clear_lines, "visits": sink.visits, "sessions": sink.sessions}
            self._heard.write_text(json.dumps(heard), encoding="utf-8")
        finally:
            os._exit(0)
