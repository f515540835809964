"""The database: declarative base, transactions, after-commit actions."""

from __future__ import annotations

import logging
import sqlite3
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
WORKER_BUSY_TIMEOUT_MS = 30_000
INCREMENTAL = 2  # of SQLite's auto_vacuum


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
        event.listen(
            db.engine,
            "connect",
            lambda connection, _record: connection.execute(f"PRAGMA busy_timeout={WORKER_BUSY_TIMEOUT_MS}"),
        )
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
        _let_file_shrink(connection)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A reader that turns writer fails at once when somebody else wrote meanwhile, whatever the time-out.
        connection.exec_driver_sql("BEGIN DEFERRED" if _is_reader() else "BEGIN IMMEDIATE")


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
