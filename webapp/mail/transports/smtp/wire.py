"""Octets to and from one server, each call under a wall-clock deadline and a limit of memory."""

import contextlib
import select
import socket
import ssl
import time
from datetime import UTC, datetime
from typing import Any, Final

from webapp.mail.header_text import clean_line

LONGEST_LINE: Final = 4096
_PIECE: Final = 65_536
_NOT_YET: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Disconnected(ConnectionError):
    """The server ended the connection."""


class ProtocolError(Exception):
    """The server said something that is not SMTP."""


class Deadline:
    """A moment after which nothing is waited for; ``within`` another one it is never later than that."""

    def __init__(self, seconds: float, within: "Deadline | None" = None) -> None:
        self.ends_at: float = time.monotonic() + seconds
        if within is not None:
            self.ends_at = min(self.ends_at, within.ends_at)

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.ends_at

    def remaining(self) -> float:
        """Return the seconds left. Raises TimeoutError when there are none."""
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds

    def remaining_ms(self) -> float:
        """Return the milliseconds left. Raises TimeoutError when there are none."""
        return self.remaining() * 1000


class Wire:
    """A socket with a line buffer. It never blocks: what is waited for is waited for under a deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()
        with contextlib.suppress(OSError):  # a dot that waits for the acknowledgement of the body costs 40 ms
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self._incoming, self._outgoing = _poll(sock, select.POLLIN), _poll(sock, select.POLLOUT)

    def read_line(self, deadline: Deadline) -> bytes:
        """Return the next line without its end. Raises OSError, Disconnected, ProtocolError."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > LONGEST_LINE:
                raise ProtocolError("the line is too long")
            self._await_octets(deadline)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    def write(self, octets: bytes, deadline: Deadline) -> None:
        """Put everything on the wire. Raises OSError."""
        deadline.remaining()
        rest = memoryview(octets)
        while rest:
            try:
                rest = rest[self._sock.send(rest[:_PIECE]) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._outgoing.poll(deadline.remaining_ms())
            except ssl.SSLWantReadError:  # the other side wants new keys first
                self._incoming.poll(deadline.remaining_ms())

    def has_news(self) -> bool:
        """Tell without waiting whether the server has said something, or left."""
        if self._buffer:
            return True
        try:
            self._take(self._sock.recv(LONGEST_LINE))
        except _NOT_YET:
            return False
        except OSError:
            return True
        return True

    def hears_within(self, seconds: float) -> bool:
        """Wait until there is something to read; False when there is nothing in time. Raises OSError."""
        return bool(self._buffer) or self._has_pending() or bool(self._incoming.poll(seconds * 1000))

    def start_tls(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        """Encrypt from here on. What the server sent before is thrown away: anybody may have put it there."""
        self._buffer.clear()
        self._sock.settimeout(deadline.remaining())
        self._require_peer()
        encrypted = context.wrap_socket(self._sock, server_hostname=host)
        encrypted.setblocking(False)
        self._sock = encrypted
        if encrypted.version() is None:
            raise Disconnected("the server left before the handshake")

    def tls_facts(self) -> dict[str, str]:
        """Return protocol version, certificate subject and expiry of an encrypted wire."""
        if not isinstance(self._sock, ssl.SSLSocket):
            return {}
        certificate: dict[str, Any] = dict(self._sock.getpeercert() or {})
        return {
            "version": self._sock.version() or "",
            "subject": clean_line(_subject(certificate)),
            "expires": _expiry(certificate),
        }

    def close(self) -> None:
        """Close at once, without a word to the server."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def _require_peer(self) -> None:
        """Without a peer ``wrap_socket`` would hand back a socket that does not encrypt."""
        try:
            self._sock.getpeername()
        except OSError as error:
            raise Disconnected("the server left before the handshake") from error

    def _await_octets(self, deadline: Deadline) -> None:
        if self._has_pending() or self._incoming.poll(deadline.remaining_ms()):
            with contextlib.suppress(*_NOT_YET):  # a piece of an encrypted record is nothing to read yet
                self._take(self._sock.recv(LONGEST_LINE))

    def _has_pending(self) -> bool:
        """Whether there is something decrypted, of which the socket itself shows nothing any more."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def _take(self, octets: bytes) -> None:
        if not octets:
            raise Disconnected("the server closed the connection")
        self._buffer += octets


def _poll(sock: socket.socket, event: int) -> select.poll:
    waiting = select.poll()
    waiting.register(sock, event)
    return waiting


def _subject(certificate: dict[str, Any]) -> str:
    """Name the server that the certificate is for: its own names first, they are what was compared."""
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind in {"DNS", "IP Address"}]
    common = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return ", ".join((names or common)[:3])


def _expiry(certificate: dict[str, Any]) -> str:
    """Return the last moment of the certificate as an ISO time in UTC."""
    if "notAfter" not in certificate:
        return ""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC).isoformat()
