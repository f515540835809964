"""Carries out what a person decided about many deliveries at once, some hundreds a transaction."""

from __future__ import annotations

from jobs import stopping
from webapp.core import job_queue
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.messages import groups
from webapp.messaging.messages.models import GroupDecision


def settle_group(decision_id: int) -> None:
    """Go on with the decision until nothing is left; one that is cut short is rung for again."""
    job_queue.answer(JobName.SETTLE_GROUP, decision_id)
    decision = db.session.get(GroupDecision, decision_id)
    is_more = decision is not None and decision.ended_at is None
    while decision is not None and is_more and not stopping.is_requested():
        is_more = groups.go_on(decision)
        db.session.commit()
    db.session.rollback()
