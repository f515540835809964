"""What all tables hold, to show that a request changed nothing."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from webapp.core.db import db

#: Written by whoever looks at a page, on purpose: when a session was last used.
FORGIVEN = frozenset({("account_session", "last_seen_at")})


def fingerprints() -> dict[str, str]:
    """The number of rows of each table and a digest of all their values."""
    with db.engine.connect() as connection:
        found = {}
        for table in db.metadata.sorted_tables:
            columns = [each for each in table.columns if (table.name, each.name) not in FORGIVEN]
            rows = [repr(tuple(row)) for row in connection.execute(select(*columns))]
            digest = hashlib.sha256("\n".join(sorted(rows)).encode("utf-8", "replace")).hexdigest()
            found[table.name] = f"{len(rows)} {digest[:16]}"
        connection.rollback()
        return found


def changed(before: dict[str, str], *, except_for: frozenset[str] = frozenset()) -> list[str]:
    """The names of the tables that are not as they were."""
    now = fingerprints()
    return [name for name in now if now[name] != before[name] and name not in except_for]
