"""The one commit that a mail costs: which mails the server took, and whose dots come next.

It goes past the session and the engine, whose book-keeping would cost more than the rows. On PostgreSQL
everything is one statement that commits itself, since each trip to the server costs as much; on SQLite it is
a statement for each half.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypedDict

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor

from webapp.core import clock
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.driver_sql import DriverStatement, transaction
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.dot_statements import Statements, statements

#: Our one statement commits itself; SQLite's two need a transaction.
_OPTIONS: Final[Mapping[str, Any]] = {"postgresql": {"isolation_level": "AUTOCOMMIT"}}
Values = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]


class Taken(TypedDict):
    """A delivery that the server took: how many tries that cost, and the server's words."""

    delivery: int
    attempts: int
    reply: str | None


class Written(NamedTuple):
    """The deliveries for which it was written that they were taken, and those whose dots may be sent."""

    taken: set[int]
    permitted: set[int]


class Writer:
    """Writes for one batch over a connection that it keeps: to take one costs as much as to write."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._connection: Connection | None = None

    def record(self, taken: Sequence[Taken], sha256: Mapping[int, str]) -> Written:
        """Write and commit both; ``sha256`` has the digest of the mail by delivery.

        A delivery is left out when it is no longer ours (the lease is over, somebody cancelled); no dot may
        be sent either when the connection was changed. Raises DBAPIError; it is not known then whether
        anything was written. The session must have no transaction open.
        """
        connection = self._connection = self._connection or _connect()
        try:
            with transaction(connection) as cursor:
                return write(cursor, connection.dialect, self._batch, taken, sha256)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back; the next record takes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _connect() -> Connection:
    connection = db.engine.connect()
    return connection.execution_options(**_OPTIONS.get(connection.dialect.name, {}))


def write(
    cursor: DBAPICursor, dialect: Dialect, batch: Batch, taken: Sequence[Taken], sha256: Mapping[int, str]
) -> Written:
    """Write both by the driver's cursor; see ``Writer.record``."""
    common = {
        "claim": batch.claim_id,
        "connection": batch.connection_id,
        "version": batch.version,
        "at": now(),
    }
    come = [{"delivery": number, "digest": digest} for number, digest in sha256.items()]
    put = _write_at_once if dialect.name == "postgresql" else _write_in_turn
    return put(cursor, statements(dialect, is_frozen=clock.is_frozen()), common, taken, come)


def _write_in_turn(
    cursor: DBAPICursor, known: Statements, common: Values, taken: Rows, come: Rows
) -> Written:
    return Written(
        _written(cursor, known["take"], known["is_taken"], common, taken),
        _written(cursor, known["permit"], known["is_permitted"], common, come),
    )


def _written(
    cursor: DBAPICursor, statement: DriverStatement, found: DriverStatement, common: Values, rows: Rows
) -> set[int]:
    """Execute for all rows; when it did not do for each, find those that now have what it writes."""
    numbers = {row["delivery"] for row in rows}
    if not rows:
        return numbers
    cursor.executemany(statement.sql, statement.rows(common, rows))
    if cursor.rowcount == len(rows):
        return numbers
    return {number for number in numbers if _is_found(cursor, found, common | {"delivery": number})}


def _is_found(cursor: DBAPICursor, found: DriverStatement, row: Values) -> bool:
    cursor.execute(found.sql, found.values(row))
    return cursor.fetchone() is not None


def _write_at_once(
    cursor: DBAPICursor, known: Statements, common: Values, taken: Rows, come: Rows
) -> Written:
    # As JSON, since an array of the driver is put together in Python, element by element.
    rows = {"taken": json.dumps(taken), "come": json.dumps(come)}
    both = known["both"]
    cursor.execute(both.sql, both.values(common | rows))
    written = cursor.fetchall()
    return Written(
        {number for is_taken, number in written if is_taken},
        {number for is_taken, number in written if not is_taken},
    )
