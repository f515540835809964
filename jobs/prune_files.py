"""Deletes files that nobody has needed for a day, and what never arrived whole."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError

from jobs import stopping
from webapp.core import job_queue
from webapp.core.clock import now
from webapp.core.db import db, reading
from webapp.files import queries, services, store
from webapp.files.store import StoreUnavailable
from webapp.job_names import JobName

log = logging.getLogger(__name__)

KEPT_UNUSED: Final = timedelta(days=1)
#: What is left over goes with the next ring.
MOST_FILES: Final = 1000


def prune_files() -> None:
    """Delete what is unused for longer than a day, each file in a transaction of its own."""
    job_queue.answer(JobName.PRUNE_FILES)
    before = now() - KEPT_UNUSED
    try:
        count = _prune(before) + store.current().forget_abandoned(before)
    except StoreUnavailable:
        db.session.rollback()
        log.exception("the store of files does not answer; unused ones stay until the next try")
        return
    if count:
        log.info("deleted %s files that nobody needs any more", count)


def _prune(before: datetime) -> int:
    with reading():  # a look that takes long must not keep the only writer of SQLite waiting
        unused = queries.list_unused(before, MOST_FILES)
    count = 0
    for file_id in unused:
        if stopping.is_requested():
            break
        count += _delete(file_id, before)
    return count


def _delete(file_id: int, before: datetime) -> bool:
    try:
        is_deleted = services.delete_unused(file_id, before)
        db.session.commit()
    except IntegrityError:  # somebody has begun to use it a moment ago
        db.session.rollback()
        return False
    return is_deleted
