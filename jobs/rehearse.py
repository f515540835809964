"""Lets what happened lately pass a row once more, a part at a time, and writes down how far it is."""

from __future__ import annotations

import logging

from jobs import stopping
from webapp.core import job_queue
from webapp.core.db import db, reading
from webapp.core.passing_trouble import is_passing
from webapp.job_names import JobName
from webapp.rules.event_actions import catalogue
from webapp.rules.rehearsals import services
from webapp.rules.rehearsals.models import Rehearsal
from webapp.rules.rehearsals.rehearsing import rehearse as go_back
from webapp.rules.rehearsals.tally import Tally

log = logging.getLogger(__name__)


def rehearse(rehearsal_id: int) -> None:
    """Carry out a rehearsal; one that is cut short is rung for again and begins anew."""
    job_queue.answer(JobName.REHEARSE, rehearsal_id)
    with reading():
        rehearsal = db.session.get(Rehearsal, rehearsal_id)
        if rehearsal is None or rehearsal.ended_at is not None:
            return
        row, tally = catalogue.row(rehearsal.code), Tally()
        condition, since = rehearsal.condition, services.begins_at(rehearsal)
    try:
        for tally in go_back(row, condition, since) if row else ():
            services.note_progress(rehearsal_id, tally)
            db.session.commit()
            if stopping.is_requested():
                return
        services.finish(rehearsal_id, tally)
    except Exception as error:
        db.session.rollback()
        if is_passing(error):
            raise  # nobody's fault: it is rung for again
        log.exception("rehearsal %s failed", rehearsal_id)
        services.fail(rehearsal_id, type(error).__name__)
    db.session.commit()
