"""Two transactions at once: how long the first one stands open until the second has to wait for it."""

from __future__ import annotations

import time
from typing import Final

from sqlalchemy import text

from webapp.core.db import db

#: SQLite cannot be asked who waits; this is long enough for a request to come to its lock.
HEAD_START_S: Final = 0.4
PATIENCE_S: Final = 5.0
_WAITING: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def let_another_wait() -> None:
    """Return when another transaction waits for one of the test's, or after a while when none does."""
    if db.engine.dialect.name == "sqlite":
        time.sleep(HEAD_START_S)
        return
    ends_at = time.monotonic() + PATIENCE_S
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as look:
        while not look.scalar(_WAITING) and time.monotonic() < ends_at:
            time.sleep(0.01)
