"""Work that must be written, however long the database is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from webapp.core.db import db
from webapp.core.passing_trouble import is_passing

log = logging.getLogger(__name__)

KEEP_WRITING_S: Final = 600.0
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0


def persist(write: Callable[[], object], commit: Callable[[], object]) -> None:
    """Write and commit, again and again while the database is in trouble that passes.

    Raises SQLAlchemyError when that lasts for ten minutes, and at once when it would never pass.
    """
    ends_at = time.monotonic() + KEEP_WRITING_S
    pause = FIRST_PAUSE_S
    while True:
        try:
            write()
            commit()
        except SQLAlchemyError as error:
            db.session.rollback()
            if time.monotonic() > ends_at or not is_passing(error):
                raise
            log.exception("what must be written could not be, trying again")
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        else:
            return
