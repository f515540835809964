"""The field for a mail server's name as a door to other machines: nothing behind it is reached or told."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import trustme
from flask import Flask
from sqlalchemy import select

from jobs.check_connection import check_connection
from tests.attacks.cases import read
from tests.attacks.oracles import Shapes, flat_memory
from tests.attacks.world import CANARY, World
from tests.support.smtp_sink import SmtpSink
from webapp.core.config import MAIL_PORTS
from webapp.core.db import db
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection

HOSTS = {case.id: case.text for case in read("hosts.jsonl")}
NEW = "/settings/mail/outgoing/new"
SECRET_PAGE = f"220 {CANARY} internal\r\n".encode()


@pytest.fixture
def in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a real machine, where nothing on the machine itself is a mail server."""
    settings = replace(app.config["VESTNIK"], is_test=False, mail_ports=frozenset(range(1, 65536)))
    monkeypatch.setitem(app.config, "VESTNIK", settings)


@pytest.fixture
def inside() -> Iterator[socket.socket]:
    """Something that listens on this very machine and must hear nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.02)
        yield server


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Addresses to which somebody tried to connect."""
    tried: list[object] = []
    real = socket.create_connection

    def note(address: tuple[str, int], *more: object, **others: object) -> socket.socket:
        tried.append(address)
        return real(address, *more, **others)

    monkeypatch.setattr(socket, "create_connection", note)
    return tried


@pytest.mark.usefixtures("in_production")
def test_no_spelling_of_a_host_reaches_what_is_inside_or_tells_of_it(
    world: World, inside: socket.socket, connects: list[object]
) -> None:
    open_port = inside.getsockname()[1]
    for name, written in HOSTS.items():
        host = written.rpartition(":")[0] if written.rpartition(":")[2].isdecimal() else written
        told = [check(world, host or written, port) for port in (open_port, 1)]
        assert told[0] == told[1], (name, "an open port is told from a closed one")
        assert CANARY not in str(told), name
        assert not any(is_ok for _step, is_ok, *_more in told[0][1:]), name
    assert not connects
    with pytest.raises(TimeoutError):
        inside.accept()


def check(world: World, host: str, port: int, **more: str) -> list[tuple[str, bool, str | None, str]]:
    """Add a connection by its form and check it; returns the steps that are shown, none if it was refused."""
    fields = {"host": host, "port": str(port), "protocol": "smtp", "encryption": "none", "version": "0"}
    fields |= more
    browser, token = world.browser("carol"), {"csrf_token": world.token("carol")}
    answer = browser.client.post(NEW, data={**fields, **token})
    if answer.status_code != 303:
        assert answer.status_code == 422, host
        return []
    connection = db.session.scalars(select(MailConnection.id).order_by(MailConnection.id.desc())).first()
    db.session.rollback()
    assert connection is not None
    world.redis.flush()  # otherwise the limit of checks would answer
    browser.client.post(f"/settings/mail/outgoing/{connection}/check", data=token)
    check_connection(connection)
    state = db.session.scalars(
        select(ConnectionState).where(ConnectionState.connection_id == connection)
    ).one()
    steps = [(step["step"], step["is_ok"], step["problem"], step["reply"]) for step in state.check_steps]
    db.session.rollback()
    return steps


def test_a_port_that_is_none_is_refused_beside_its_field(world: World) -> None:
    fields = {"host": "mail.example.com", "protocol": "smtp", "encryption": "none"}
    token = {"csrf_token": world.token("carol")}
    for port in ("0", "-1", "65536", "70000", "9" * 50, "25.5", "٢٥x", "", "0x19"):
        answer = world.browser("carol").client.post(NEW, data={**fields, **token, "port": port})
        assert answer.status_code == 422, port
        assert "port" in Shapes(answer.text).refused
        assert f'value="{port}"' in answer.text


def test_ports_where_no_mail_server_is_are_closed_unless_the_operator_opens_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S22: a form for mail servers is no scanner of the network."""
    settings = replace(world.app.config["VESTNIK"], is_test=False)
    fields = {"host": "mail.example.com", "protocol": "smtp", "encryption": "none"}
    token = {"csrf_token": world.token("carol")}

    def post(port: int, **more: frozenset[int]) -> int:
        monkeypatch.setitem(world.app.config, "VESTNIK", replace(settings, **more))
        return world.browser("carol").client.post(NEW, data={**fields, **token, "port": port}).status_code

    assert [post(port) for port in (22, 6379, 8080)] == [422] * 3
    assert post(587) in {200, 302, 303}
    assert post(2465, mail_ports=MAIL_PORTS | {2465}) in {200, 302, 303}


def test_only_a_technologist_makes_the_program_connect(world: World) -> None:
    address = f"/settings/mail/outgoing/{world.parts['connection_id']}/check"
    for name in ("alice", "bob", "mallory"):
        data = {"csrf_token": world.token(name)}
        assert world.browser(name).client.post(address, data=data).status_code == 403


#: What other programs call the switch that must not exist here.
SWITCHES = {
    "verify_tls": "false", "verify": "0", "verify_ssl": "", "ssl_verify": "off", "check_hostname": "n",
    "insecure": "y", "ca_file": "/dev/null", "mail_ca_file": "/dev/null", "certificate": "none",
}  # fmt: skip


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_no_field_turns_the_look_at_certificates_off(world: World, encryption: str) -> None:
    """L11: neither the form nor what is added to it makes a stranger's certificate a good one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    sign_in = {"has_sign_in": "y", "login": "desk", "password": CANARY}
    with SmtpSink(tls=context, is_implicit=encryption == "tls", logins={"desk": CANARY}) as sink:
        *_before, last = check(world, "localhost", sink.port, encryption=encryption, **sign_in, **SWITCHES)
    assert last[:3] == ("tls", False, "certificate_unknown_issuer")
    assert not sink.visits["auth"]


@pytest.mark.parametrize("fault", ["flood", "long"])
def test_a_greeting_without_end_is_cut_off_and_not_shown(world: World, fault: str) -> None:
    """S29: a server, or whatever else listens there, says more than anybody wants to hear."""
    with SmtpSink({("greeting", 1): fault}) as sink, flat_memory():
        started = time.monotonic()
        steps = check(world, "127.0.0.1", sink.port)
    assert time.monotonic() - started < 10
    assert [(step, is_ok, problem) for step, is_ok, problem, _reply in steps] == [
        ("resolve", True, None), ("connect", False, "protocol_error"),
    ]  # fmt: skip
    assert len(str(steps)) < 500


def test_what_a_server_says_is_shown_short_and_without_control_characters(world: World) -> None:
    """S29: its words stand on the page, and the page stays as it was meant."""
    said = f"554 \x1b[31m<b>red</b>\x07\u202e {'x' * 3000}"
    with SmtpSink({("greeting", 1): said}) as sink:
        steps = check(world, "127.0.0.1", sink.port)
    reply = steps[-1][3]
    assert reply.startswith("[31m<b>red</b> x")
    assert len(reply) <= 500
    connection = db.session.scalar(select(MailConnection.id).order_by(MailConnection.id.desc()))
    page = world.browser("carol").get(f"/settings/mail/outgoing/{connection}")
    assert reply in page.text
