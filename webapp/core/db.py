"""The database: declarative base, transactions, after-commit actions."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, registry

from webapp.core.columns import Json, UtcDateTime

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WORKER_PATIENCE_S = 30.0
PAGE_PATIENCE_S = 5.0
#: Between two looks at SQLite's writer lock: at first so short that a commit of another, which takes some
#: 0.3 ms, is hardly outslept, then a tenth of the wait so far. A look costs a few microseconds.
SHORTEST_LOOK_S, LONGEST_LOOK_S = 0.00005, 0.001
INCREMENTAL = 2  # of SQLite's auto_vacuum
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "wal_autocheckpoint=4000",  # pages; commits of mail write the same few pages again and again
)


NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables: constraints have names, so that migrations can speak of them on both databases."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: UtcDateTime(), dict[str, Any]: Json, list[Any]: Json},
    )


db = SQLAlchemy(model_class=Base)


class _Patience:
    """For how long this process waits for SQLite's writer lock."""

    seconds = PAGE_PATIENCE_S


_patience = _Patience()

_reads: ContextVar[bool | None] = ContextVar("reads", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Begin transactions inside as readers, so that rendering does not hold SQLite's only writer lock.

    The read transaction ends with the block; what follows begins a new one.
    """
    token = _reads.set(True)
    try:
        yield
    finally:
        _reads.reset(token)
        db.session.rollback()


@contextmanager
def writing() -> Iterator[None]:
    """Begin transactions inside as writers: for a request that has committed and must write once more."""
    token = _reads.set(False)
    try:
        yield
    finally:
        _reads.reset(token)


def init_app(app: Flask) -> None:
    """Bind the database to the application and set how its connections behave."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _set_up_sqlite(db.engine)


def wait_like_a_worker() -> None:
    """Let this process wait long for SQLite's writer lock; call it once when a background process starts."""
    if db.engine.dialect.name == "sqlite":
        _patience.seconds = WORKER_PATIENCE_S
        db.engine.dispose()


def on_commit(key: Hashable, action: Callable[[], object]) -> None:
    """Run ``action`` after the present transaction is committed, once per ``key``; forget it on rollback.

    An action that fails is logged: what was committed stays accepted.
    """
    session = db.session()
    if not session.in_transaction():
        session.begin()  # so that there is something to roll back
    session.info.setdefault("on_commit", {})[key] = action


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see on_begin
        connection.execute(_busy_timeout(_patience.seconds))
        _let_file_shrink(connection)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A reader that turns writer fails at once when somebody else wrote meanwhile, whatever the time-out.
        if _is_reader():
            connection.exec_driver_sql("BEGIN DEFERRED")
        else:
            _begin_immediate(connection)


def take_writer_lock(raw: sqlite3.Connection) -> None:
    """Begin a transaction as the only writer, waiting for the lock and looking often.

    SQLite's own wait sleeps longer each time, up to a tenth of a second: two senders with a commit for each
    mail would both spend most of their time asleep. Raises sqlite3.OperationalError.
    """
    began_at = time.monotonic()
    raw.execute(_busy_timeout(0))
    try:
        while not _has_begun(raw):
            waited_s = time.monotonic() - began_at
            if waited_s > _patience.seconds:
                raw.execute("BEGIN IMMEDIATE")  # which tells what is wrong, or works this time
                return
            time.sleep(min(max(waited_s / 10, SHORTEST_LOOK_S), LONGEST_LOOK_S))
    finally:
        raw.execute(_busy_timeout(_patience.seconds))


def _begin_immediate(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - it is SQLite's engine
    try:
        take_writer_lock(raw)
    except sqlite3.OperationalError:
        raw.execute(_busy_timeout(0))  # the wait is over
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # which fails in SQLAlchemy's words, or works now
        finally:
            raw.execute(_busy_timeout(_patience.seconds))


def _has_begun(raw: sqlite3.Connection) -> bool:
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout={round(seconds * 1000)}"


def _is_reader() -> bool:
    """Whether the transaction that begins only reads: in a request, unless it may still store something."""
    is_said = _reads.get()
    if is_said is not None or not has_request_context():
        return bool(is_said)
    return request.method in SAFE_METHODS or "has_committed" in g


def _let_file_shrink(connection: sqlite3.Connection) -> None:
    """Give back space that is free; the setting counts only before the first table is made."""
    # Saying again what is set already would wait for the writer lock, and with it every new reader.
    if connection.execute("PRAGMA auto_vacuum").fetchone() != (INCREMENTAL,):
        connection.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")


@event.listens_for(Session, "after_commit")
def _run_actions(session: Session) -> None:
    if session.in_nested_transaction():
        return
    if has_request_context():
        g.has_committed = True  # what follows shows the page, and must not keep others from writing
    for action in session.info.pop("on_commit", {}).values():
        try:
            action()
        except Exception:
            log.exception("an action after the commit failed")


@event.listens_for(Session, "after_soft_rollback")
def _forget_actions(session: Session, ended: SessionTransaction) -> None:
    # A savepoint that is rolled back leaves the rest to be committed, and the actions with it.
    if not ended.nested:
        session.info.pop("on_commit", None)
