"""Counts deadlines anew after an agreement or a calendar was changed, some records a transaction."""

from __future__ import annotations

from jobs import stopping
from webapp.core import job_queue
from webapp.core.db import db
from webapp.desk.agreements import recounts
from webapp.desk.agreements.models import Recount
from webapp.job_names import JobName


def recount_deadlines(recount_id: int) -> None:
    """Go on with the count until nothing is left; one that is cut short is rung for again."""
    job_queue.answer(JobName.RECOUNT_DEADLINES, recount_id)
    recount = db.session.get(Recount, recount_id)
    is_more = recount is not None and recount.ended_at is None
    while recount is not None and is_more and not stopping.is_requested():
        is_more = recounts.go_on(recount)
        db.session.commit()
    db.session.rollback()
