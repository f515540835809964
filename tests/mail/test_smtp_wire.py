"""Replies as they come off the wire: in pieces, in heaps, and otherwise than they should."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from webapp.mail.transports.smtp.replies import MOST_LINES, Reply, read_reply
from webapp.mail.transports.smtp.wire import Disconnected, ProtocolError, Wire

SECRET = "canary-7f3a"
Hear = Callable[..., Reply]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our end of a connection and the server's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def hear(ends: tuple[socket.socket, socket.socket]) -> Hear:
    """Let the server say something and read the next reply."""
    ours, theirs = ends
    wire = Wire(ours)

    def read(octets: bytes = b"", secrets: tuple[str, ...] = ()) -> Reply:
        if octets:
            theirs.sendall(octets)
        return read_reply(wire, time.monotonic() + 0.05, secrets)

    return read


def test_replies_that_come_together_are_read_one_by_one(hear: Hear):
    assert hear(b"250 one\r\n250-two\r\n250 more\r\n354 three\r\n") == (250, ("one",))
    assert hear() == (250, ("two", "more"))
    assert hear() == (354, ("three",))
    with pytest.raises(TimeoutError):
        hear()


def test_a_reply_may_be_cut_anywhere(hear: Hear):
    for piece in (b"2", b"50 o", b"k\r"):
        with pytest.raises(TimeoutError):
            hear(piece)

    assert hear(b"\n451 la") == (250, ("ok",))
    assert hear(b"ter\r\n") == (451, ("later",))


def test_a_line_may_end_without_a_carriage_return_and_hold_one(hear: Hear):
    assert hear(b"250 a\rb\r\r\n250 c\n") == (250, ("a\rb\r",))
    assert hear() == (250, ("c",))


@pytest.mark.parametrize("said", [b"250", b"250 "])
def test_a_reply_needs_no_text(hear: Hear, said: bytes):
    assert hear(said + b"\r\n") == (250, ("",))


@pytest.mark.parametrize(
    "said", [b"", b"25", b"199 x", b"600 x", b"2500 x", b"250\tx", b"abc", b"250-a\r\n251 b", b"250-a\r\n25"]
)
def test_what_is_no_reply_is_told_as_such(hear: Hear, said: bytes):
    with pytest.raises(ProtocolError):
        hear(said + b"\r\n")


def test_a_reply_has_a_limit_of_lines(hear: Hear):
    assert hear(b"250-x\r\n" * (MOST_LINES - 1) + b"250 x\r\n") == (250, ("x",) * MOST_LINES)
    with pytest.raises(ProtocolError):
        hear(b"250-x\r\n" * MOST_LINES + b"250 x\r\n")


def test_a_secret_is_blotted_out_also_of_a_line_that_was_heard_before(hear: Hear):
    said = f"535-{SECRET}\r\n535 no {SECRET}\r\n".encode()
    hear(said)

    assert hear(said, (SECRET,)) == (535, ("***", "no ***"))


def test_what_was_said_before_the_server_left_is_heard(hear: Hear, ends: tuple[socket.socket, socket.socket]):
    hear(b"250 ok\r\n421 bye\r\n")
    ends[1].shutdown(socket.SHUT_WR)

    assert hear() == (421, ("bye",))
    with pytest.raises(Disconnected):
        hear()
