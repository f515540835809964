"""Transactions, moments and what happens after a commit, on both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from threading import Timer
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError, StatementError

from tests.support.patience import at_most
from webapp.core.db import _patience, db, on_commit, reading, writing
from webapp.people.accounts.models import Account
from webapp.people.company.models import Setting


@pytest.fixture
def done(app: Flask) -> list[str]:
    return []


def write(key: str) -> None:
    db.session.add(Setting(key=key, value=1))
    db.session.flush()


def test_actions_run_after_the_commit_once_per_key(app: Flask, done: list[str]) -> None:
    write("a")
    on_commit("ring", lambda: done.append("first"))
    on_commit("ring", lambda: done.append("second"))
    assert done == []
    db.session.commit()
    assert done == ["second"]
    db.session.commit()
    assert done == ["second"]


def test_actions_are_forgotten_with_the_transaction(app: Flask, done: list[str]) -> None:
    write("a")
    on_commit("ring", lambda: done.append("rung"))
    db.session.rollback()
    write("b")
    db.session.commit()
    assert done == []


def test_a_savepoint_neither_runs_nor_forgets_the_actions(app: Flask, done: list[str]) -> None:
    write("a")
    on_commit("ring", lambda: done.append("rung"))
    with db.session.begin_nested():
        write("b")
    assert done == []
    inner = db.session.begin_nested()
    write("c")
    inner.rollback()
    assert done == []
    db.session.commit()
    assert done == ["rung"]
    assert set(db.session.scalars(select(Setting.key))) >= {"a", "b"}


def test_an_action_that_fails_does_not_undo_what_was_accepted(
    app: Flask, done: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("Redis is away")

    write("kept")
    on_commit("bad", fail)
    on_commit("good", lambda: done.append("rung"))
    db.session.commit()
    assert done == ["rung"]
    assert db.session.get(Setting, "kept") is not None
    assert "after the commit failed" in caplog.text


def test_a_new_connection_reads_while_somebody_else_writes(app: Flask) -> None:
    db.engine.dispose()
    write("a")
    with reading(), db.engine.connect() as another:  # would wait five seconds and fail if it had to write
        assert another.scalar(text("SELECT count(*) FROM record_template"))


def test_a_reader_does_not_hold_the_writer_lock(app: Flask) -> None:
    write("a")
    db.session.commit()
    with reading():
        assert db.session.get(Setting, "a") is not None
        with db.engine.begin() as other:  # would wait for the lock and fail if reading held it
            other.execute(text("UPDATE setting SET value = '2' WHERE key = 'a'"))
    setting = db.session.get(Setting, "a")
    assert setting is not None
    assert setting.value == 2


@pytest.fixture
def begun(app: Flask) -> Iterator[list[str]]:
    """How the transactions of the test began."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer")
    words: list[str] = []

    def note(statement: str) -> None:
        if statement.startswith("BEGIN"):
            words.append(statement.removeprefix("BEGIN "))

    def listen(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.set_trace_callback(note)

    event.listen(db.engine, "checkout", listen)
    yield words
    event.remove(db.engine, "checkout", listen)
    db.session.remove()
    db.engine.dispose()


def test_a_get_begins_as_a_reader_and_a_post_as_a_writer(app: Flask, begun: list[str]) -> None:
    for method in ("GET", "POST"):
        with app.test_request_context("/", method=method):
            db.session.execute(text("SELECT 1"))
            db.session.rollback()
    assert begun == ["DEFERRED", "IMMEDIATE"]


def test_what_follows_the_commit_only_shows_the_page(app: Flask, begun: list[str]) -> None:
    with app.test_request_context("/", method="POST"):
        write("a")
        db.session.commit()
        assert db.session.get(Setting, "a") is not None
        db.session.rollback()
        with writing():
            write("b")
            db.session.commit()
    assert begun == ["IMMEDIATE", "DEFERRED", "IMMEDIATE"]


def test_moments_come_back_aware_and_in_utc(app: Flask, alice: object) -> None:
    account = db.session.scalars(select(Account)).one()
    account.created_at = datetime(2026, 3, 1, 3, 0, tzinfo=timezone(timedelta(hours=3)))
    db.session.commit()
    assert account.created_at == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    assert account.created_at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(app: Flask, alice: object) -> None:
    account = db.session.scalars(select(Account)).one()
    account.created_at = datetime(2026, 3, 1)  # noqa: DTZ001 - that is the fault
    with pytest.raises(StatementError, match="without time zone"):
        db.session.commit()
    db.session.rollback()


def test_sqlite_gives_deleted_rows_back_to_the_disk(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has its own vacuum")
    assert db.session.scalar(text("PRAGMA auto_vacuum")) == 2
    assert db.session.scalar(text("PRAGMA journal_mode")) == "wal"
    assert db.session.scalar(text("PRAGMA synchronous")) == 2
    assert db.session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_writer_waits_for_another_and_gives_up_in_its_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer")
    first = db.engine.connect()
    first.execute(text("SELECT 1"))
    monkeypatch.setattr(_patience, "seconds", 1.0)
    began = monotonic()
    with db.engine.connect() as second, pytest.raises(OperationalError, match="locked"):
        second.execute(text("SELECT 1"))
    assert 1.0 <= monotonic() - began < 1.0 + at_most(0.9)

    monkeypatch.setattr(_patience, "seconds", 20)
    ending = Timer(0.2, first.close)
    ending.start()
    with db.engine.connect() as second:
        assert second.scalar(text("SELECT 1")) == 1
    ending.join()
