"""Octets to and from one server, each call under a deadline and a limit of memory.

A deadline is a moment of ``time.monotonic()`` after which nothing is waited for.
"""

import contextlib
import select
import socket
import ssl
import time
from collections import deque
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


def seconds_until(deadline: float) -> float:
    """Return the seconds left. Raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    return seconds


class Wire:
    """A socket with a line buffer. It never blocks: what is waited for is waited for under a deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lines: deque[bytes] = deque()
        self._unfinished = b""
        with contextlib.suppress(OSError):  # a dot that waits for the acknowledgement of the body costs 40 ms
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self._incoming, self._outgoing = _poll(sock, select.POLLIN), _poll(sock, select.POLLOUT)

    def read_line(self, deadline: float) -> bytes:
        """Return the next line without its end. Raises OSError, Disconnected, ProtocolError."""
        while not self._lines:
            if len(self._unfinished) > LONGEST_LINE:
                raise ProtocolError("the line is too long")
            self._await_octets(deadline)
        return self._lines.popleft()

    def write(self, octets: bytes, deadline: float) -> None:
        """Put everything on the wire. Raises OSError."""
        seconds_until(deadline)
        rest = memoryview(octets)
        while rest:
            try:
                rest = rest[self._sock.send(rest[:_PIECE]) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._outgoing.poll(seconds_until(deadline) * 1000)
            except ssl.SSLWantReadError:  # the other side wants new keys first
                self._incoming.poll(seconds_until(deadline) * 1000)

    def has_news(self) -> bool:
        """Tell without waiting whether the server has said something, or left."""
        if self._has_heard():
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
        return self._has_heard() or self._has_pending() or bool(self._incoming.poll(seconds * 1000))

    def start_tls(self, context: ssl.SSLContext, host: str, deadline: float) -> None:
        """Encrypt from here on. What the server sent before is thrown away: anybody may have put it there."""
        self._lines.clear()
        self._unfinished = b""
        self._sock.settimeout(seconds_until(deadline))
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

    def _await_octets(self, deadline: float) -> None:
        if self._has_pending() or self._incoming.poll(seconds_until(deadline) * 1000):
            try:
                octets = self._sock.recv(LONGEST_LINE)
            except _NOT_YET:
                return  # a piece of an encrypted record is nothing to read yet
            self._take(octets)

    def _has_heard(self) -> bool:
        """Whether the server has said something that nobody has read."""
        return bool(self._lines or self._unfinished)

    def _has_pending(self) -> bool:
        """Whether there is something decrypted, of which the socket itself shows nothing any more."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def _take(self, octets: bytes) -> None:
        if not octets:
            raise Disconnected("the server closed the connection")
        heard = self._unfinished + octets
        *lines, self._unfinished = heard.replace(b"\r\n", b"\n").split(b"\n")
        self._lines.extend(lines)


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
