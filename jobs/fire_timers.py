"""Fires timers until none is due: escalations, and whatever else is to happen by itself."""

from __future__ import annotations

import logging

from jobs import stopping
from webapp.core import job_queue
from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.core.passing_trouble import is_passing
from webapp.job_names import JobName
from webapp.timers import firing

log = logging.getLogger(__name__)


def fire_timers() -> None:
    """Fire what is due, some timers a transaction; any number of workers may do so at once."""
    job_queue.answer(JobName.FIRE_TIMERS)
    is_more = True
    while is_more and not stopping.is_requested():
        number = _fire(firing.CHUNK)
        is_more = _fire_singly() if number is None else number > 0


def _fire(size: int) -> int | None:
    """Fire some and return how many; None when one of them could not be handled."""
    try:
        number = firing.fire_some(size)
        failpoint("timers.before_commit")
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        if is_passing(error):
            raise
        log.exception("timers could not be fired")
        return None
    return number


def _fire_singly() -> bool:
    """Fire some one by one; whether any is left. One that cannot be handled waits, those behind it do not."""
    for _number in range(firing.CHUNK):
        number = _fire(1)
        if number == 0:
            return False
        if number is None:
            log.error("timer %s is put off", firing.put_off_first())
            db.session.commit()
    return True
