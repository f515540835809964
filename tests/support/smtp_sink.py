"""A real SMTP server that does what a script says at each step and keeps a ledger of what it took."""

import socket
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from tests.support.smtp_conversation import Conversation


@dataclass(frozen=True)
class Taken:
    """One mail that the sink answers for."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    was_answered: bool

    @property
    def bare_line_ends(self) -> int:
        rest = self.raw.replace(b"\r\n", b"")
        return rest.count(b"\r") + rest.count(b"\n")


@dataclass
class SmtpSink:
    """``script[step, nth]`` overrides the nth visit of a step, ``script[step, 0]`` all of them.

    Steps: greeting ehlo starttls handshake auth mail rcpt data body dot quit rset; "rcpt bob@example.com" is
    about one address, "rcpt each" about each address counted for itself. Actions: a reply such as
    "451 later"; "drop", "rst", "hang", "trickle", "flood" (a reply without end), "long" (a line without
    end), "inject" (starttls: words before TLS), "stranger" (handshake: a certificate of nobody known). At the
    dot "take-drop", "take-hang" … take the mail and never say so, "slow" and "slow=0.3" say so late, "bye"
    says so and leaves. Commands may come before their turn (RFC 2920) if the extensions offer PIPELINING.
    """

    script: dict[tuple[str, int], str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 10000000", "SMTPUTF8")
    logins: dict[str, str] = field(default_factory=dict)
    mechanisms: str = "PLAIN LOGIN"
    tls: ssl.SSLContext | None = None
    tls_of_a_stranger: ssl.SSLContext | None = None
    is_implicit: bool = False
    always_wants_data: bool = False
    ledger: list[Taken] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    clear_lines: list[str] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    sessions: int = 0
    unheard: list[bytes] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._listener = self._listen()
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def _listen(self) -> socket.socket:
        return socket.create_server(("127.0.0.1", self.port))

    def __exit__(self, *_details: object) -> None:
        self.close()

    def close(self) -> None:
        """Go away at once, as a server that is switched off; a second time does nothing."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        # Closing alone would not wake the thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def raws(self) -> list[bytes]:
        return [taken.raw for taken in self.ledger]

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.sessions += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        Conversation(self, sock).run()

    def keep(self, sender: str, recipients: tuple[str, ...], raw: bytes, *, was_answered: bool) -> None:
        self.ledger.append(Taken(sender, recipients, raw, was_answered))

    def note_lost_answer(self, raw: bytes) -> None:
        """Remember a mail to which the good answer could not be given: the other side has left."""
        self.unheard.append(raw)

    def action(self, step: str, about: str = "") -> str | None:
        found = self._action(step)
        if about:
            name = f"{step} {about}"
            of_each = self.script.get((f"{step} each", self.visits[name] + 1))
            found = self._action(name) or of_each or found
        return found

    def _action(self, step: str) -> str | None:
        self.visits[step] += 1
        return self.script.get((step, self.visits[step]), self.script.get((step, 0)))

    def wait(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()
