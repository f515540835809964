"""Counts deadlines anew after an agreement or a calendar was changed: some records a transaction."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, func, select, update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.core.row_changes import change_rows
from webapp.desk.agreements import book, keeping
from webapp.desk.agreements.models import Recount
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records.changes import recording
from webapp.desk.records.models import IS_ALIVE, Record
from webapp.job_names import JobName
from webapp.people.accounts.models import Account
from webapp.people.calendars.users import hears_of_changes

BATCH: Final = 50


@hears_of_changes
def start(actor: Account | None) -> Recount:
    """Have the deadlines of all open records counted anew; what was still going on is overtaken. Flushes."""
    book.forget()
    change_rows(update(Recount).where(Recount.ended_at.is_(None)).values(ended_at=now()))
    last = db.session.scalar(select(func.max(Record.id))) or 0
    total = db.session.scalar(select(func.count(Record.id)).where(*_open_records())) or 0
    recount = Recount(
        after_id=0, up_to_id=last, total=total, done=0, moved=0, actor_id=actor.id if actor else None
    )
    recount.ended_at = None if total else now()
    db.session.add(recount)
    db.session.flush()
    if total:
        ring_on_commit(JobName.RECOUNT_DEADLINES, recount.id)
    return recount


def go_on(recount: Recount) -> bool:
    """Count the next records anew; False when none are left, or when somebody else is at it.

    The caller commits each time.
    """
    after = recount.after_id
    some = (*_open_records(), Record.id > after, Record.id <= recount.up_to_id)
    ids = db.session.scalars(select(Record.id).where(*some).order_by(Record.id).limit(BATCH)).all()
    is_last = len(ids) < BATCH
    mine = (Recount.id == recount.id, Recount.after_id == after, Recount.ended_at.is_(None))
    values = {"after_id": ids[-1] if ids else after, "ended_at": now() if is_last else None}
    # Moved first: whoever else is at it waits here, and then finds that this part is done.
    if not change_rows(update(Recount).where(*mine).values(**values)):
        return False
    moved = sum(_recount(record_id) for record_id in ids)
    counted = {"done": Recount.done + len(ids), "moved": Recount.moved + moved}
    change_rows(update(Recount).where(Recount.id == recount.id).values(**counted))
    db.session.refresh(recount)
    return not is_last


def _recount(record_id: int) -> bool:
    record = db.session.get(Record, record_id)
    if record is None:
        return False
    with recording(record, None) as change:
        return keeping.recount(change)


def _open_records() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for records that an agreement may promise something and that are not over."""
    found = [each for each in db.session.scalars(select(RecordTemplate)) if _is_promised(each)]
    templates = [template.id for template in found]
    statuses = [each.id for template in found for each in template.statuses if not each.is_final]
    # The sum keeps the planner from the indexes of lists: all that is open would be sorted for each batch.
    return (IS_ALIVE, (Record.template_id + 0).in_(templates), Record.status_id.in_(statuses))  # type: ignore[return-value] # text() is a condition too


def _is_promised(template: RecordTemplate) -> bool:
    return bool(keeping.deadline_attributes(template).keys() & set(keeping.PROMISED))
