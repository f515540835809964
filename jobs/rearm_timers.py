"""Arms the escalations of open records anew after a setting was changed, some records a transaction."""

from __future__ import annotations

from jobs import stopping
from webapp.core import job_queue
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.rules.escalations import rearming
from webapp.rules.escalations.models import Rearming


def rearm_timers(rearming_id: int) -> None:
    """Go on until nothing is left; what is cut short is rung for again."""
    job_queue.answer(JobName.REARM_TIMERS, rearming_id)
    found = db.session.get(Rearming, rearming_id)
    is_more = found is not None and found.ended_at is None
    while found is not None and is_more and not stopping.is_requested():
        is_more = rearming.go_on(found)
        db.session.commit()
    db.session.rollback()
