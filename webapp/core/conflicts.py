"""The INSERT that knows what to do when a row is there already, in the words of the present database."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.db import db


def insert(target: Any) -> sqlite.Insert | postgresql.Insert:  # noqa: ANN401 - a model or its table
    """Return an INSERT with ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(target) if is_sqlite else postgresql.insert(target)
