"""A message that breaks whoever takes it up stands first in the queue: the others go all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core.clock import now
from webapp.core.config import MEBIBYTE, PROJECT_ROOT
from webapp.core.db import db
from webapp.messaging.messages.models import Delivery, Message, MessageBody

pytestmark = [pytest.mark.faults]

POISON = {
    "that is no packed text": b"zz",
    "whose text is no JSON": b"z" + zlib.compress(b"{"),
    "that lacks a part": b"z" + zlib.compress(json.dumps({"text": "x"}).encode()),
    "that is no text at all": b"z" + zlib.compress(b"\xff\xfe"),
}


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        yield running


def poison_first(packed: bytes) -> None:
    first = select(Message.id).order_by(Message.id).limit(1).scalar_subquery()
    db.session.execute(update(MessageBody).where(MessageBody.message_id == first).values(packed_parts=packed))
    db.session.commit()


def retry_now() -> None:
    db.session.execute(update(Delivery).where(Delivery.state == "waiting").values(due_at=now()))
    db.session.commit()


@pytest.mark.parametrize("name", POISON)
def test_f54_the_others_go_and_one_is_held(app, alice, bob, carol, sink, drain, name):
    mail.make_connection(sink.port)
    mail.create(*[mail.make_order(person) for person in (alice, bob, carol)])
    poison_first(POISON[name])
    for _ in range(3):
        drain()
        retry_now()
    assert [one.state for one in mail.deliveries()] == ["held", "sent", "sent"]
    assert len(sink.ledger) == 2


@pytest.mark.process
def test_f16_a_message_too_large_for_the_memory_is_held_and_the_others_go(app: Flask, alice, bob, sink):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("memory is the same on both databases")
    connection = mail.make_connection(sink.port)
    mail.create(mail.make_order(alice), mail.make_order(bob))
    poison_first(b"z" + zlib.compress(json.dumps({"text": "x" * 64 * MEBIBYTE, "html": ""}).encode(), 1))
    for _ in range(3):
        assert run_sender(app, connection.id, times=2, room=32) == 0, "the process bears it"
        retry_now()
    assert [one.state for one in mail.deliveries()] == ["held", "sent"]


def run_sender(app: Flask, connection_id: int, *, times: int, room: int) -> int:
    config = app.config["VESTNIK"]
    words = [config.database_url, config.redis_url, str(config.instance), connection_id, times, room]
    db.session.commit()  # an open transaction of the test would keep the only writer lock of SQLite
    command = [sys.executable, "-m", "tests.faults.sender", *map(str, words)]
    environment = os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, timeout=60, check=False).returncode
