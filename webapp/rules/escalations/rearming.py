"""Arms the timers of open records anew after a rule's moment or a calendar was changed: some at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, select, update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.core.row_changes import change_rows
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records.models import IS_ALIVE, Record
from webapp.job_names import JobName
from webapp.people.accounts.models import Account
from webapp.people.calendars.users import hears_of_changes
from webapp.rules.escalations import arming
from webapp.rules.escalations.models import Rearming
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.moments import get_moments

BATCH: Final = 100


@hears_of_changes
def start(actor: Account | None) -> None:
    """Have all open records armed anew; what was still going on is overtaken. Flushes."""
    change_rows(update(Rearming).where(Rearming.ended_at.is_(None)).values(ended_at=now()))
    last = db.session.scalar(select(func.max(Record.id))) or 0
    total = db.session.scalar(select(func.count(Record.id)).where(*_open_records())) or 0
    rearming = Rearming(after_id=0, up_to_id=last, total=total, done=0, actor_id=actor.id if actor else None)
    db.session.add(rearming)
    db.session.flush()
    ring_on_commit(JobName.REARM_TIMERS, rearming.id)


def go_on(rearming: Rearming) -> bool:
    """Arm the next records anew; False when none are left, or when somebody else is at it.

    The caller commits each time.
    """
    after = rearming.after_id
    some = (*_open_records(), Record.id > after, Record.id <= rearming.up_to_id)
    query = select(Record).where(*some).order_by(Record.id).limit(BATCH)
    ids = db.session.scalars(query.with_only_columns(Record.id)).all()
    is_last = len(ids) < BATCH
    mine = (Rearming.id == rearming.id, Rearming.after_id == after, Rearming.ended_at.is_(None))
    values = {"after_id": ids[-1] if ids else after, "ended_at": now() if is_last else None}
    # Moved first: whoever else is at it waits here, and then finds that this part is done.
    if not change_rows(update(Rearming).where(*mine).values(done=Rearming.done + len(ids), **values)):
        return False
    _arm(ids)
    db.session.refresh(rearming)
    return not is_last


def get_latest() -> Rearming | None:
    """Return the arming anew that was begun last."""
    return db.session.scalar(select(Rearming).order_by(Rearming.id.desc()).limit(1))


def list_unfinished() -> list[Rearming]:
    """Return what is still going on."""
    return list(db.session.scalars(select(Rearming).where(Rearming.ended_at.is_(None)).order_by(Rearming.id)))


def _arm(ids: Sequence[int]) -> None:
    moments = get_moments()
    # Locked, so that whoever changes one of them meanwhile arms it after us.
    held = select(Record).where(Record.id.in_(ids)).order_by(Record.id).with_for_update(of=Record)
    for record in db.session.scalars(held, execution_options={"populate_existing": True}):
        arming.arm(record, moments)


def _open_records() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for records that have escalation rules and are not over."""
    templates = db.session.scalars(select(RecordTemplate)).all()
    found = [each for each in templates if catalogue.escalations(each.system_name)]
    statuses = [each.id for template in found for each in template.statuses if not each.is_final]
    # The sum keeps the planner from the indexes of lists: all that is open would be sorted for each batch.
    ids = [template.id for template in found]
    return (IS_ALIVE, (Record.template_id + 0).in_(ids), Record.status_id.in_(statuses))  # type: ignore[return-value] # text() is a condition too
