"""UPDATE and DELETE by rows, past the objects of the session."""

from __future__ import annotations

from sqlalchemy import CursorResult, Delete, Update

from webapp.core.db import db


def change_rows(statement: Update | Delete) -> int:
    """Execute the statement and return how many rows it changed. Objects that are loaded keep what they had.

    The caller commits.
    """
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - what changes rows has a cursor
    return result.rowcount
