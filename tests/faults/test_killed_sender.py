"""A sender killed with -9 at each point: the message goes out after the lease, no copy unexplained."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core.clock import now, sql_now
from webapp.core.config import PROJECT_ROOT
from webapp.core.db import db
from webapp.core.leases import Lease
from webapp.messaging.mail_connections.models import Encryption
from webapp.messaging.messages.models import Claim, Delivery

pytestmark = [pytest.mark.process, pytest.mark.faults]

BEFORE_THE_DOT = ("after_claim", "connect", "mail", "rcpt", "data", "mid_body", "before_dot")
AFTER_THE_DOT = ("after_dot", "after_reply")


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        yield running


def run_sender(app: Flask, connection_id: int, failpoint: str) -> int:
    """Run a sender until it ends by itself or by its failpoint; return its exit code."""
    config = app.config["VESTNIK"]
    words = [config.database_url, config.redis_url, str(config.instance), str(connection_id)]
    db.session.commit()  # an open transaction of the test would keep the only writer lock of SQLite
    environment = os.environ | {"FAILPOINT": failpoint, "PYTHONPATH": str(PROJECT_ROOT)}
    command = [sys.executable, "-m", "tests.faults.sender", *words]
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, timeout=60, check=False).returncode


def let_leases_end() -> None:
    """What a minute of waiting would do."""
    db.session.execute(update(Claim).values(lease_until=sql_now(-1)))
    db.session.execute(update(Lease).values(until=sql_now(-1)))
    db.session.commit()


@pytest.mark.parametrize("point", BEFORE_THE_DOT)
def test_killed_before_the_dot_it_is_sent_once(app, alice, sink, point):
    connection = mail.make_connection(sink.port)
    mail.create(mail.make_order(alice))
    assert run_sender(app, connection.id, f"{point}:1:kill") == -signal.SIGKILL
    assert mail.delivery().state == "sending"
    deliver_mail(connection.id)
    assert mail.delivery().state == "sending", "a live lease is left alone"
    let_leases_end()
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("sent", 0)
    assert len(sink.ledger) == 1


@pytest.mark.parametrize("point", AFTER_THE_DOT)
def test_killed_after_the_dot_there_are_at_most_two_identical_copies(app, alice, sink, point):
    connection = mail.make_connection(sink.port)
    mail.create(mail.make_order(alice))
    assert run_sender(app, connection.id, f"{point}:1:kill") == -signal.SIGKILL
    let_leases_end()
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("waiting", 1)
    retry_now()
    deliver_mail(connection.id)
    assert mail.delivery().state == "sent"
    assert len(set(sink.raws())) == 1
    assert len(sink.raws()) <= 2


def retry_now() -> None:
    db.session.execute(update(Delivery).values(due_at=now()))
    db.session.commit()


def test_killed_before_it_is_encrypted_it_is_sent_once(app, alice, authority, monkeypatch):
    config = replace(app.config["VESTNIK"], mail_ca_file=str(authority.file))
    monkeypatch.setitem(app.config, "VESTNIK", config)
    with SmtpSink(tls=authority.server_context("127.0.0.1")) as sink:
        connection = mail.make_connection(sink.port, encryption=Encryption.STARTTLS)
        mail.create(mail.make_order(alice))
        assert run_sender(app, connection.id, "tls:1:kill") == -signal.SIGKILL
        let_leases_end()
        deliver_mail(connection.id)
        assert (mail.delivery().state, len(sink.ledger)) == ("sent", 1)


def test_killed_before_it_signs_in_it_is_sent_once(app, alice, sink):
    sink.logins = {"desk": "right"}
    connection = mail.make_connection(sink.port, has_sign_in=True, login="desk", password="right")
    mail.create(mail.make_order(alice))
    assert run_sender(app, connection.id, "auth:1:kill") == -signal.SIGKILL
    let_leases_end()
    deliver_mail(connection.id)
    assert (mail.delivery().state, len(sink.ledger)) == ("sent", 1)


@pytest.mark.parametrize(("point", "left"), [("after_commit", 1), ("quit", 0)])
def test_killed_after_the_commit_nothing_is_repeated(app, alice, bob, sink, point, left):
    connection = mail.make_connection(sink.port)
    mail.create(mail.make_order(alice), mail.make_order(bob))
    assert run_sender(app, connection.id, f"{point}:1:kill") == -signal.SIGKILL
    assert len(sink.ledger) == 2 - left
    let_leases_end()
    deliver_mail(connection.id)
    # The commit that writes the first as sent announces the dot of the second, so that one is in doubt.
    assert [one.ambiguous for one in mail.deliveries()] == [0, left]
    retry_now()
    deliver_mail(connection.id)
    assert [one.state for one in mail.deliveries()] == ["sent", "sent"]
    assert len(sink.ledger) == 2
