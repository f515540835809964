"""Statements handed to the driver: their values, their transaction, and errors in the engine's words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import ClauseElement, bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from webapp.core import clock
from webapp.core.db import _patience, db
from webapp.core.driver_sql import DriverStatement, transaction
from webapp.core.leases import Lease
from webapp.core.passing_trouble import is_passing

MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def lease(app: Flask) -> Iterator[str]:
    db.session.execute(insert(Lease).values(name="a", fence=1))
    db.session.commit()
    yield "a"
    db.session.rollback()


def change(statement: ClauseElement, *rows: dict[str, object]) -> int:
    db.session.rollback()
    with db.engine.connect() as connection:
        ready = DriverStatement(statement, connection.dialect)
        with transaction(connection) as cursor:
            for row in rows:
                cursor.execute(ready.sql, ready.values(row))
            return cursor.rowcount


def moment_of(name: str) -> datetime | None:
    return db.session.scalar(select(Lease.until).where(Lease.name == name))


def test_values_given_and_values_inside_are_written_as_the_engine_writes_them(lease: str) -> None:
    statement = update(Lease).where(Lease.name == bindparam("who")).values(fence=7, until=bindparam("at"))
    assert change(statement, {"who": lease, "at": MOMENT.astimezone()}) == 1
    assert moment_of(lease) == MOMENT
    assert db.session.scalar(select(Lease.fence)) == 7


def test_rows_have_values_in_common_and_values_of_their_own(lease: str) -> None:
    statement = update(Lease).where(Lease.name == bindparam("who")).values(
        fence=bindparam("number"), until=bindparam("at")
    )  # fmt: skip
    ready = DriverStatement(statement, db.engine.dialect)
    rows = ready.rows({"at": MOMENT.astimezone()}, [{"who": lease, "number": 8}, {"who": "z", "number": 9}])
    db.session.rollback()
    with db.engine.connect() as connection, transaction(connection) as cursor:
        cursor.executemany(ready.sql, rows)
        assert cursor.rowcount == 1
    assert (moment_of(lease), db.session.scalar(select(Lease.fence))) == (MOMENT, 8)


def test_a_value_that_is_asked_for_is_asked_for_each_time(lease: str) -> None:
    with clock.frozen(MOMENT):
        statement = update(Lease).values(until=clock.sql_now())
        change(statement, {})
        assert moment_of(lease) == MOMENT
        with clock.frozen(MOMENT + timedelta(hours=1)):
            change(statement, {})
    assert moment_of(lease) == MOMENT + timedelta(hours=1)


def test_what_fails_is_not_written_and_says_so_in_the_engines_words(lease: str) -> None:
    statement = insert(Lease).values(name=bindparam("who"), fence=1)
    with pytest.raises(DBAPIError) as failed:
        change(statement, {"who": "b"}, {"who": lease})
    assert not is_passing(failed.value)
    assert db.session.scalars(select(Lease.name)).all() == [lease]


def test_a_database_that_is_busy_passes(lease: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer")
    monkeypatch.setattr(_patience, "seconds", 0.05)
    with db.engine.connect() as first:
        first.execute(text("SELECT 1"))
        with pytest.raises(DBAPIError, match="locked") as failed:
            change(update(Lease).values(fence=2), {})
    assert is_passing(failed.value)


def test_a_database_that_left_passes(lease: str) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite is in this process")
    with db.engine.connect() as connection:
        number = connection.scalar(text("SELECT pg_backend_pid()"))
        connection.rollback()
        db.session.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        db.session.rollback()
        with pytest.raises(DBAPIError) as failed, transaction(connection) as cursor:
            cursor.execute("SELECT 1")
        assert is_passing(failed.value)
        assert failed.value.connection_invalidated
        assert connection.invalidated
    with db.engine.connect() as another, transaction(another) as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
