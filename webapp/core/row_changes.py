"""Statements about rows, past the objects of the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, Delete, Executable, Update

from webapp.core.db import db


def change_rows(statement: Update | Delete) -> int:
    """Execute the statement and return how many rows it changed. Objects that are loaded keep what they had.

    The caller commits.
    """
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - what changes rows has a cursor
    return result.rowcount


def execute_unflushed(statement: Executable, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Execute a statement that stands ready, without the session's book-keeping, which costs more than it.

    What was changed in objects and not flushed yet is not written before. Objects that are loaded keep what
    they had. The caller commits.
    """
    return db.session.connection().execute(statement, values)
