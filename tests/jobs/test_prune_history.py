"""What is forgotten and what is kept, and that nobody waits for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, insert, select, text

from jobs import prune_history
from tests.jobs.test_ring_again import announce_change
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.models import Event, Receipt
from webapp.messaging.messages.models import Attempt, Delivery, Message, MessageBody
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account
from webapp.people.company.models import Logo

LONG_AGO = timedelta(days=800)


def test_pruning_forgets_what_was_read_long_ago(app: Flask, alice: Account) -> None:
    for days in (None, 5, 100):
        read_at = None if days is None else now() - timedelta(days=days)
        db.session.add(PushNote(account_id=alice.id, title=f"read {days} days ago", read_at=read_at))
    db.session.commit()
    prune_history.prune_history()
    titles = db.session.scalars(select(PushNote.title).order_by(PushNote.id)).all()
    assert titles == ["read None days ago", "read 5 days ago"]


def test_pruning_keeps_the_history(app: Flask, alice: Account) -> None:
    announce_change(alice)
    before = db.session.scalar(text("SELECT count(*) FROM event"))
    db.session.commit()
    prune_history.prune_history()
    assert db.session.scalar(text("SELECT count(*) FROM event")) == before


@pytest.fixture
def mail_of_years(app: Flask, alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """25 old messages of which the 3rd is held, then 25 of today, all with texts and attempts."""
    monkeypatch.setattr(prune_history, "BATCH", 10)
    connection = mail.make_connection()
    message = {"rule_code": "x", "role": "x", "language": "en", "title": "x"}
    delivery = {"connection_id": connection.id, "address": "a@b.test", "expires_at": now()}
    attempt = {"n": 1, "step": "dot", "verdict": "sent"}
    ages = {n: now() - LONG_AGO if n <= 25 else now() for n in range(1, 51)}
    rows: dict[type[Any], list[dict[str, Any]]] = {
        Message: [message | {"id": n, "dedupe_key": f"k{n}", "created_at": at} for n, at in ages.items()],
        MessageBody: [{"message_id": n, "packed_parts": b"x"} for n in ages],
        Delivery: [
            delivery | {"id": n, "message_id": n, "state": "held" if n == 3 else "sent"} for n in ages
        ],
        Attempt: [attempt | {"delivery_id": n, "at": at} for n, at in ages.items()],
    }
    for model, values in rows.items():
        db.session.execute(insert(model), values)
    db.session.commit()


def test_texts_of_old_messages_go_but_not_of_one_that_needs_a_person(mail_of_years: None) -> None:
    prune_history.prune_history()
    kept = db.session.scalars(select(MessageBody.message_id).order_by(MessageBody.message_id)).all()
    assert kept == [3, *range(26, 51)]
    assert db.session.scalars(select(Attempt.delivery_id).order_by(Attempt.delivery_id)).all() == [
        *range(26, 51)
    ]
    assert db.session.scalar(select(func.count()).select_from(Message)) == 50


def test_what_is_left_over_goes_with_the_next_ring(
    mail_of_years: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune_history, "MOST_ROWS", 10)
    lefts = []
    for _ in range(3):
        prune_history.prune_history()
        lefts.append(db.session.scalar(select(func.count()).select_from(MessageBody)))
        db.session.commit()
    assert lefts == [31, 26, 26]  # a step that was begun is finished


def test_failed_receipts_stay_until_somebody_mends_them(app: Flask, alice: Account) -> None:
    announce_change(alice)
    announce_change(alice)
    ids = db.session.scalars(select(Event.id).order_by(Event.id)).all()
    for number, state in zip(ids, ("failed", "done"), strict=True):
        values = {"event_id": number, "state": state, "handled_at": now() - LONG_AGO}
        db.session.add(Receipt(subscriber="x", **values))
    db.session.commit()
    prune_history.prune_history()
    assert db.session.scalars(select(Receipt.event_id)).all() == [ids[0]]


def test_a_logo_is_kept_as_long_as_a_text_that_may_show_it(mail_of_years: None) -> None:
    ages = {"present": None, "old": now() - LONG_AGO - timedelta(days=9), "used": now() - timedelta(days=700)}
    db.session.execute(
        insert(Logo), [{"sha256": name, "png": b"", "used_until": at} for name, at in ages.items()]
    )
    db.session.commit()
    prune_history.prune_history()
    assert set(db.session.scalars(select(Logo.sha256))) == {
        "present",
        "used",
    }  # the third text of old is held
    db.session.execute(delete(MessageBody).where(MessageBody.message_id <= 25))
    db.session.commit()
    prune_history.prune_history()
    assert set(db.session.scalars(select(Logo.sha256))) == {"present"}


@pytest.fixture
def others(app: Flask) -> Iterator[list[str]]:
    """Another writer that comes whenever pruning looks for something; its list tells where."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer")
    file, seen = db.engine.url.database, []

    def write(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT") and "is_finished" in statement:
            seen.append(statement)
            with closing(sqlite3.connect(str(file), timeout=0, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")

    event.listen(db.engine, "before_cursor_execute", write)
    yield seen
    event.remove(db.engine, "before_cursor_execute", write)


def test_nobody_waits_while_it_looks(mail_of_years: None, others: list[str]) -> None:
    db.session.commit()
    prune_history.prune_history()
    assert len(others) >= len(prune_history.KINDS)
