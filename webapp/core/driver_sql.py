"""Statements that are executed for each mail: compiled once, then handed to the driver as they are.

What an engine does around such a statement costs more than the statement itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, Connection, Dialect
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from webapp.core.db import take_writer_lock


class DriverStatement:
    """The words of a statement for one driver, and how its values are handed over."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=_by_name(dialect))
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - no statement of another kind has values
        self.sql = str(compiled)
        self._processors = {name: _processor(each, dialect) for name, each in compiled.binds.items()}
        inside = {name: each for name, each in compiled.binds.items() if not each.required}
        self._fixed = self._processed({n: each.value for n, each in inside.items() if each.callable is None})
        self._asked = {name: each.callable for name, each in inside.items() if each.callable is not None}

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that are given and those inside the statement, as the driver takes them."""
        asked = {name: ask() for name, ask in self._asked.items()}
        return self._fixed | self._processed({**given, **asked})

    def rows(self, common: Mapping[str, Any], each: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the values for several rows: what they have in common, and what each has of its own.

        What is a row's own must be numbers and texts, which every driver takes as they are.
        """
        shared = self.values(common)
        return [{**shared, **row} for row in each]

    def _processed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        processors = self._processors
        return {
            name: process(value) if (process := processors.get(name)) else value
            for name, value in values.items()
        }


@contextmanager
def transaction(connection: Connection) -> Iterator[DBAPICursor]:
    """Give the driver's cursor inside a transaction of its own, which is committed at the end.

    The connection must have none open, and is of no use after a failure; one that the server ended never goes
    back among those at hand. Raises DBAPIError.
    """
    raw: Any = connection.connection.driver_connection
    try:
        if isinstance(raw, sqlite3.Connection):
            take_writer_lock(raw)
        with closing(raw.cursor()) as cursor:
            yield cursor
        raw.commit()
    except connection.dialect.loaded_dbapi.Error as error:
        is_lost = connection.dialect.is_disconnect(error, raw, None)
        if is_lost:
            connection.invalidate(error)
        raise _as_the_engine_says(error, connection.dialect, is_lost=is_lost) from error


def _by_name(dialect: Dialect) -> Dialect:
    """Both drivers take values by their names, SQLite's only if it is asked to."""
    return SQLiteDialect_pysqlite(paramstyle="named") if dialect.name == "sqlite" else dialect


def _processor(bind: BindParameter[Any], dialect: Dialect) -> Any:  # noqa: ANN401 - the dialect's own
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


def _as_the_engine_says(error: Any, dialect: Dialect, *, is_lost: bool) -> BaseException:  # noqa: ANN401 - any
    base = dialect.loaded_dbapi.Error
    said: BaseException = DBAPIError.instance(
        None, None, error, base, connection_invalidated=is_lost, dialect=dialect
    )
    return said
