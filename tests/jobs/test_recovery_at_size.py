"""What anybody who looks sets right, when there is much of it: in small steps, and read along an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, update

from jobs.ring_again import ring_again
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import claims, recovery
from webapp.messaging.messages.models import Delivery, Message

#: How SQLite says that it reads all that waits.
WHOLE_QUEUE = ("SCAN delivery", "ix_delivery_waiting")


def write_deliveries(connection_id: int, number: int, **values: Any) -> None:
    row = {
        "connection_id": connection_id,
        "address": "a@example.com",
        "expires_at": now() + timedelta(days=3),
    }
    message = {"rule_code": "x", "role": "x", "language": "en", "title": "x"}
    ids = range(1, number + 1)
    db.session.execute(insert(Message), [message | {"id": n, "dedupe_key": f"k{n}"} for n in ids])
    db.session.execute(insert(Delivery), [row | values | {"id": n, "message_id": n} for n in ids])
    db.session.commit()


def count_states() -> dict[str, int]:
    counted = select(Delivery.state, func.count().label("number")).group_by(Delivery.state)
    return {row.state: row.number for row in db.session.execute(counted)}


def test_much_that_is_over_expires_in_small_steps(app, alice):
    connection = mail.make_connection()
    write_deliveries(connection.id, 2 * recovery.BATCH + 1, expires_at=now() - timedelta(seconds=1))
    assert recovery.recover()
    db.session.commit()
    assert count_states() == {"expired": recovery.BATCH, "waiting": recovery.BATCH + 1}
    ring_again()
    assert count_states() == {"expired": 2 * recovery.BATCH + 1}


def test_much_that_waits_for_a_deleted_connection_moves_in_small_steps(app, alice):
    gone, heir = mail.make_connection(), mail.make_connection()
    write_deliveries(gone.id, recovery.BATCH + 1)
    db.session.execute(
        update(MailConnection).values(is_deleted=MailConnection.id == gone.id, is_default=False)
    )
    db.session.execute(update(MailConnection).where(MailConnection.id == heir.id).values(is_default=True))
    db.session.commit()
    assert recovery.recover()
    db.session.commit()
    assert not recovery.recover()
    db.session.commit()
    assert db.session.scalars(select(Delivery.connection_id).distinct()).all() == [heir.id]


@pytest.mark.parametrize("look", [recovery.recover, claims.list_due_connections])
def test_looking_for_what_is_due_never_reads_the_whole_queue(app, alice, look: Callable[[], object]):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads a small table as a whole, and rightly so")
    connection = mail.make_connection()
    write_deliveries(connection.id, 200, due_at=now() + timedelta(hours=1))
    with statements() as seen:
        look()
    db.session.rollback()
    plans = [
        plan for statement, values in seen if "waiting" in statement for plan in explain(statement, values)
    ]
    assert plans
    assert [plan for plan in plans if any(words in plan for words in WHOLE_QUEUE)] == []


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            seen.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def explain(statement: str, values: Any) -> list[str]:
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [row.detail for row in rows]
