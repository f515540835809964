"""The scripted mail server takes commands ahead of their turn, as servers that offer PIPELINING do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.smtp_sink import SmtpSink

pytestmark = pytest.mark.pure

FIRST = b"MAIL FROM:<d@x.test>\r\nRCPT TO:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n"
NEXT = b"MAIL FROM:<d@x.test>\r\nRCPT TO:<c@x.test>\r\nDATA\r\n"


@contextmanager
def session(**script) -> Iterator[tuple[SmtpSink, socket.socket]]:
    with (
        SmtpSink(**script, extensions=("PIPELINING",)) as sink,
        socket.create_connection(("127.0.0.1", sink.port), timeout=5) as client,
    ):
        assert answers(client, 1) == ["220"]
        client.sendall(b"EHLO me\r\n")
        assert answers(client, 2) == ["250", "250"]
        yield sink, client


def answers(client: socket.socket, count: int) -> list[str]:
    heard = b""
    while heard.count(b"\r\n") < count:
        heard += client.recv(4096)
    return [line[:3] for line in heard.decode().splitlines()]


def test_the_end_of_one_mail_and_the_envelope_of_the_next_may_come_in_one_write():
    with session() as (sink, client):
        client.sendall(FIRST)
        assert answers(client, 4) == ["250", "250", "250", "354"]
        client.sendall(b"Subject: 1\r\n\r\none\r\n.\r\n" + NEXT)
        assert answers(client, 4) == ["250", "250", "250", "354"]
        client.sendall(b"Subject: 2\r\n\r\n..two\r\n.\r\nQUIT\r\n")
        assert answers(client, 2) == ["250", "221"]
    assert [one.recipients for one in sink.ledger] == [("a@x.test", "b@x.test"), ("c@x.test",)]
    assert sink.raws() == [b"Subject: 1\r\n\r\none\r\n", b"Subject: 2\r\n\r\n.two\r\n"]


def test_data_is_refused_when_every_recipient_before_it_was():
    with session(script={("rcpt", 0): "550 5.1.1 nobody"}) as (sink, client):
        client.sendall(NEXT + b"RSET\r\n" + NEXT)
        assert answers(client, 7) == ["250", "550", "554", "250", "250", "550", "554"]
    assert not sink.ledger


def test_a_script_may_be_about_one_address_or_about_each():
    script = {("rcpt each", 1): "451 later", ("rcpt b@x.test", 2): "550 gone"}
    with session(script=script) as (_sink, client):
        client.sendall(FIRST + b"RSET\r\n" + FIRST)
        heard = answers(client, 9)
    assert heard == ["250", "451", "451", "554", "250", "250", "250", "550", "354"]


def test_a_second_mail_before_the_end_of_the_first_is_refused():
    with session() as (_sink, client):
        client.sendall(b"RCPT TO:<a@x.test>\r\n" + b"MAIL FROM:<d@x.test>\r\n" * 2)
        assert answers(client, 3) == ["503", "250", "503"]
