"""The server returns, and 20,000 mails wait for it: oldest first, and no person waits behind them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select

from jobs import stopping
from jobs.worker import performer
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core.clock import now
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.messages import bodies
from webapp.messaging.messages.models import Delivery, Lane, Message, MessageBody

pytestmark = [pytest.mark.faults]

MANY = 20_000
WAITS_S = 3.0


def queue_many(connection_id: int) -> None:
    """Write mails of the bulk lane, due in the reverse order of their numbers."""
    moment = now()
    body = bodies.pack(bodies.Parts("News.\n", "<p>News.</p>"), is_secret=False)
    message = {
        "rule_code": "news",
        "role": "reader",
        "language": "en",
        "title": "News",
        "date_header": moment,
    }
    delivery = {
        "connection_id": connection_id,
        "lane": Lane.BULK.value,
        "expires_at": moment + timedelta(days=3),
    }
    ids = range(1, MANY + 1)
    named = [
        message | {"id": n, "dedupe_key": f"k{n}", "boundary": f"b{n}", "message_id_header": f"<{n}@x.test>"}
        for n in ids
    ]
    due = [
        delivery
        | {"id": n, "message_id": n, "address": f"a{n}@x.test", "due_at": moment - timedelta(seconds=n)}
        for n in ids
    ]
    db.session.execute(insert(Message), named)
    db.session.execute(insert(MessageBody), [{"message_id": n, "packed_parts": body} for n in ids])
    db.session.execute(insert(Delivery), due)
    if db.engine.dialect.name == "postgresql":
        for table in ("message", "delivery"):
            db.session.execute(select(db.func.setval(f"{table}_id_seq", MANY)))
    db.session.commit()


@contextmanager
def senders(app: Flask, connection_id: int) -> Iterator[None]:
    """Two senders that are rung again and again."""
    stopping.forget()
    perform = performer(app)

    def be_rung() -> None:
        while not stopping.is_requested():
            perform(JobName.DELIVER_MAIL, connection_id)
            stopping.wait(0.05)

    threads = [threading.Thread(target=be_rung) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.request_stop()
        for thread in threads:
            thread.join(10)
        stopping.forget()


def wait_until(is_so: Callable[[], bool], patience_s: float) -> bool:
    ends_at = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.01)
    return True


def test_f57_oldest_first_and_urgent_ones_not_behind_bulk(app, alice):
    with SmtpSink() as sink:
        connection_id = mail.make_connection(sink.port).id
        queue_many(connection_id)
        with senders(app, connection_id):
            assert wait_until(lambda: len(sink.ledger) >= 50, 20)
            mail.create(mail.make_order(alice, lane=Lane.PERSON_WAITS))
            is_soon = wait_until(lambda: alice_has_mail(sink), WAITS_S)
            taken = len(sink.ledger)
        assert is_soon, f"{taken} mails of the bulk lane went before"
        assert taken < MANY / 4
        numbers = [int(one.recipients[0][1:].partition("@")[0]) for one in sink.ledger if is_bulk(one)]
        assert set(numbers) == set(range(MANY - len(numbers) + 1, MANY + 1)), "the oldest went first"


def alice_has_mail(sink: SmtpSink) -> bool:
    return any(one.recipients == ("alice@example.com",) for one in list(sink.ledger))


def is_bulk(one) -> bool:
    return one.recipients[0].endswith("@x.test")
