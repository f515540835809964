"""Writes rehearsals: their beginning, how far they are, their result."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.core.row_changes import change_rows
from webapp.job_names import JobName
from webapp.people.accounts.models import Account
from webapp.rules.event_actions import conditions
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.rehearsals import queries
from webapp.rules.rehearsals.models import DAYS, Rehearsal
from webapp.rules.rehearsals.tally import Tally


def start(row: EventAction, condition: str | None, *, actor: Account) -> Rehearsal:
    """Let the row be tried in the background, with a condition that is not saved when one is given.

    One that goes on already is returned as it is. Raises FormulaError.
    """
    wanted = None if condition is None else condition.strip()
    if wanted:
        conditions.read(row, wanted)
    present = queries.get_latest(row)
    if present is not None and present.ended_at is None and present.condition == wanted:
        return present
    rehearsal = Rehearsal(
        code=row.code, condition=wanted, days=DAYS, started_by_id=actor.id, created_at=now()
    )
    db.session.add(rehearsal)
    db.session.flush()
    ring_on_commit(JobName.REHEARSE, rehearsal.id)
    return rehearsal


def note_progress(rehearsal_id: int, tally: Tally) -> None:
    """Write down how far it is."""
    _change(rehearsal_id, looked_at=tally.looked_at, reached_at=tally.reached_at)


def finish(rehearsal_id: int, tally: Tally) -> None:
    """Write down what came of it."""
    counts = {"looked_at": tally.looked_at, "reached_at": tally.reached_at}
    _change(rehearsal_id, result=tally.as_json(), ended_at=now(), **counts)


def fail(rehearsal_id: int, error: str) -> None:
    """Write down that it broke."""
    _change(rehearsal_id, error=error[:1000], ended_at=now())


def begins_at(rehearsal: Rehearsal) -> datetime:
    """Return the moment back to which it goes."""
    return rehearsal.created_at - timedelta(days=rehearsal.days)


def _change(rehearsal_id: int, **values: object) -> None:
    change_rows(update(Rehearsal).where(Rehearsal.id == rehearsal_id).values(**values))
