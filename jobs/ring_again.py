"""Rings for whatever is due or left by a dead worker: the one way back for lost jobs and for retries."""

from __future__ import annotations

from collections.abc import Iterable

from jobs import stopping
from webapp.core import job_queue
from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.desk.agreements import queries as agreements
from webapp.events import queries as events
from webapp.job_names import JobName
from webapp.messaging.messages import claims, groups, recovery, restores
from webapp.messaging.silent_mode import services as silent_mode
from webapp.rules.escalations import rearming
from webapp.rules.rehearsals import queries as rehearsals
from webapp.timers import queries as timers

# While nobody answers the rings would pile up for days; these many wake a worker as surely as more of them.
MOST_WAITING = 100


def ring_again() -> None:
    """Set right what dead senders left, then ring for every part and connection that has something due."""
    restores.look()
    silent_mode.look()
    db.session.commit()
    _set_right()
    parts = events.list_parts_with_undone()
    connections = claims.list_due_connections()
    decisions = [decision.id for decision in groups.list_undone()]
    recounts = [recount.id for recount in agreements.list_unfinished_recounts()]
    rearmings = [each.id for each in rearming.list_unfinished()]
    is_any_due = timers.is_any_due()
    unended = rehearsals.list_unended()
    db.session.commit()
    failpoint("sweeper.before_ring")
    if is_any_due:
        job_queue.ring_past_flag(JobName.FIRE_TIMERS)
    _ring_each(JobName.DISPATCH_EVENTS, parts)
    _ring_each(JobName.DELIVER_MAIL, connections)
    _ring_each(JobName.SETTLE_GROUP, decisions)
    _ring_each(JobName.RECOUNT_DEADLINES, recounts)
    _ring_each(JobName.REARM_TIMERS, rearmings)
    _ring_each(JobName.REHEARSE, unended)


def _set_right() -> None:
    is_more = True
    while is_more and not stopping.is_requested():
        is_more = recovery.recover()
        failpoint("sweeper.before_commit")
        db.session.commit()


def _ring_each(job: JobName, numbers: Iterable[int]) -> None:
    for number in numbers:
        if job_queue.count_waiting(job) >= MOST_WAITING:
            return
        # Past the flag: whoever had the last ring may have died with it.
        job_queue.ring_past_flag(job, number)
