"""Tells trouble with the database that passes by itself from a statement that will fail each time."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: Busy, locked, out of memory, read-only, disk error, full, cannot open, locking protocol.
_SQLITE_CODES: Final = frozenset({5, 6, 7, 8, 10, 13, 14, 15})
#: Classes of PostgreSQL: connection, rollback (deadlock), resources, object in use, operator, system.
_SQLSTATE_CLASSES: Final = frozenset({"08", "40", "53", "55", "57", "58"})


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed later: the database is away, busy or out of room.

    Both drivers also call some mistakes of a program operational errors; those are not passing.
    """
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_CODES
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return str(sqlstate)[:2] in _SQLSTATE_CLASSES
    return isinstance(error, OperationalError | InterfaceError)
