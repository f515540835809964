"""Which deliveries a sender takes, in which order, and that it finds them by looking only at those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from jobs.deliver_mail import deliver_mail
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import _patience, db
from webapp.messaging.messages import claims, loading
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.loading import Loaded
from webapp.messaging.messages.models import Claim, Delivery, Lane


def queue(alice: Any, **lanes_and_minutes: tuple[Lane, int]) -> dict[str, int]:
    """Write a delivery of each name, in its lane, that came due so many minutes ago; return their numbers."""
    numbers = {}
    for name, (lane, minutes) in lanes_and_minutes.items():
        (composed,) = mail.create(mail.make_order(alice))
        numbers[name] = change(
            composed.message_id, lane=lane.value, due_at=now() - timedelta(minutes=minutes)
        )
    return numbers


def change(message_id: int, **values: Any) -> int:
    mine = Delivery.message_id == message_id
    db.session.execute(update(Delivery).where(mine).values(**values))
    db.session.commit()
    return db.session.scalars(select(Delivery.id).where(mine)).one()


def add_recipient(delivery_id: int, address: str, **values: Any) -> int:
    one = db.session.get_one(Delivery, delivery_id)
    row = {
        "message_id": one.message_id, "connection_id": one.connection_id, "address": address,
        "lane": one.lane, "due_at": one.due_at, "expires_at": one.expires_at,
    }  # fmt: skip
    number = db.session.scalar(insert(Delivery).values(**row | values).returning(Delivery.id))
    db.session.commit()
    return number


def claim(connection: Any, most: int = claims.BATCH, **options: Any) -> Batch:
    batch = claims.claim_due(connection.id, most=most, **options)
    db.session.commit()
    assert batch is not None
    return batch


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_most_urgent_lane_goes_first_and_in_it_what_is_due_longest(alice, connection):
    of = queue(
        alice,
        bulk=(Lane.BULK, 9),
        second=(Lane.DEADLINE, 1),
        first=(Lane.DEADLINE, 5),
        usual=(Lane.ORDINARY, 7),
    )
    assert claim(connection).delivery_ids == (of["first"], of["second"])
    assert claim(connection).delivery_ids == (of["usual"],)
    assert claims.claim_due(connection.id, lanes=claims.URGENT_LANES) is None
    db.session.rollback()
    assert claim(connection).delivery_ids == (of["bulk"],)
    assert claims.claim_due(connection.id) is None
    assert len(db.session.scalars(select(Claim.id)).all()) == 3


def test_no_more_are_taken_than_asked_for_but_all_recipients_of_a_message(alice, connection):
    of = queue(alice, first=(Lane.ORDINARY, 5), second=(Lane.ORDINARY, 4), third=(Lane.ORDINARY, 3))
    copy = add_recipient(of["first"], "carol@partner.test")
    last = add_recipient(of["second"], "dave@partner.test", lane=Lane.BULK.value)
    assert claim(connection, most=3).delivery_ids == (of["first"], copy, of["second"], last)
    assert claim(connection).delivery_ids == (of["third"],)


def test_of_a_messages_recipients_only_those_are_taken_who_are_due_by_this_connection(alice, connection):
    number = queue(alice, first=(Lane.ORDINARY, 5))["first"]
    later = add_recipient(number, "later@partner.test", due_at=now() + timedelta(hours=1))
    sent = add_recipient(number, "sent@partner.test", state="sent")
    over = add_recipient(number, "over@partner.test", expires_at=now() - timedelta(minutes=1))
    other = mail.make_connection()
    elsewhere = add_recipient(number, "elsewhere@partner.test", connection_id=other.id)
    assert claim(connection).delivery_ids == (number,)
    states = {one.id: one.state for one in mail.deliveries()}
    assert [states[each] for each in (later, sent, over, elsewhere)] == [
        "waiting",
        "sent",
        "waiting",
        "waiting",
    ]


def test_what_is_given_back_is_all_but_what_is_past_its_dot(alice, connection):
    of = queue(alice, first=(Lane.ORDINARY, 5), second=(Lane.ORDINARY, 4))
    batch = claim(connection)
    mail.pass_dots(batch, of["first"])
    claims.give_back(batch)
    db.session.commit()
    assert [(one.state, one.phase, one.claim_id) for one in mail.deliveries()] == [
        ("sending", "dot", batch.claim_id),
        ("waiting", None, None),
    ]
    assert db.session.scalars(select(Claim.id)).all() == [batch.claim_id]


def test_nobody_is_kept_from_writing_while_mails_are_read(alice, sink, connection, monkeypatch):
    mail.create(mail.make_order(alice))
    load = loading.load
    monkeypatch.setattr(_patience, "seconds", 0.05)

    def load_and_write(batch: Batch) -> list[Loaded]:
        loaded = load(batch)
        with db.engine.begin() as other:
            other.execute(update(Delivery).values(name="written meanwhile"))
        return loaded

    monkeypatch.setattr(loading, "load", load_and_write)
    deliver_mail(connection.id)
    assert (mail.delivery().state, mail.delivery().name) == ("sent", "written meanwhile")


def test_a_claim_looks_up_what_it_takes_and_reads_nothing_else(alice, connection):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads a small table as a whole, and rightly so")
    queue(alice, first=(Lane.ORDINARY, 5))
    with statements() as seen:
        claim(connection)
    (taking,) = [(words, values) for words, values in seen if words.startswith("WITH")]
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {taking[0]}", taking[1])
    assert [
        row.detail.removeprefix("SEARCH delivery USING ") for row in rows if "delivery" in row.detail
    ] == [
        "INTEGER PRIMARY KEY (rowid=?)",
        "INDEX sqlite_autoindex_delivery_1 (message_id=?)",
        "INDEX ix_delivery_claim (connection_id=? AND lane=? AND due_at<?)",
    ]
