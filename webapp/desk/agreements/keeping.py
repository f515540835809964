"""Keeps the deadlines of a record in step with it: its status, its terms, and what people named.

An attribute of date and time whose options say ``deadline = "reaction"`` or ``"resolution"`` is promised by
the record's agreement; ``deadline = true`` is a moment that people name themselves, as that of a task. The
attribute holds what the row of ``deadline`` says, and is empty while the clock stands.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.agreements import book, countdown
from webapp.desk.agreements.book import DECISIVE
from webapp.desk.agreements.models import REACTION, RESOLUTION, Deadline
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.changes import Recording
from webapp.desk.records.kept_in_step import Refused, kept_in_step
from webapp.desk.records.models import Record
from webapp.languages.working_time import WorkingTime

PROMISED = (REACTION, RESOLUTION)
#: Stands in the data of an event that came of a changed agreement or calendar, and of nobody's deed.
RECOUNTED = "deadlines_recounted"


def deadline_attributes(template: RecordTemplate) -> dict[str, Attribute]:
    """Return the attributes that are deadlines, by the name of the row that counts down to each."""
    found = {}
    for attribute in template.live_attributes:
        name = attribute.options.get("deadline") if attribute.kind == "datetime" else None
        if name:
            found[attribute.system_name if name is True else str(name)] = attribute
    return found


@kept_in_step
def keep_deadlines(change: Recording) -> None:
    """Let the clocks of the record start, pause, go on, end. Raises Refused for a deadline that is past."""
    record = change.record
    attributes = deadline_attributes(record.template)
    if not attributes or RECOUNTED in change.data:
        return
    rows = {} if change.is_new else rows_of(record)
    changed = frozenset() if change.is_new else frozenset(change.changes)
    for name, attribute in attributes.items():
        keeper = _Keeper(record, attribute, name, rows.get(name))
        is_set = attribute.system_name in changed or (change.is_new and keeper.value is not None)
        if is_set:
            keeper.name(is_by_person=change.actor is not None)
        if name in PROMISED and (change.is_new or is_set or changed & {*DECISIVE, STATUS}):
            keeper.promise()
        keeper.follow(is_answered=_is_answer(change))
        keeper.show()


def recount(change: Recording) -> bool:
    """Count the record's promised deadlines anew, inside ``recording``; whether any of them moved.

    What moved stands in the event, which says that it came of no deed of a person.
    """
    record = change.record
    rows, is_moved = rows_of(record), False
    for name, attribute in deadline_attributes(record.template).items():
        if name in PROMISED:
            before = record[attribute.system_name]
            keeper = _Keeper(record, attribute, name, rows.get(name))
            keeper.promise()
            keeper.follow(is_answered=False)
            keeper.show()
            is_moved = is_moved or record[attribute.system_name] != before
    if is_moved:
        change.data[RECOUNTED] = True
    return is_moved


def rows_of(record: Record) -> dict[str, Deadline]:
    """Return the deadlines of the record by their names."""
    found = db.session.scalars(select(Deadline).where(Deadline.record_id == record.id))
    return {deadline.name: deadline for deadline in found}


class _Keeper:
    """One deadline of one record while it is brought into step."""

    def __init__(self, record: Record, attribute: Attribute, name: str, row: Deadline | None) -> None:
        self.record = record
        self.attribute = attribute
        self.row_name = name
        self.row = row
        self.book = book.get()

    @property
    def value(self) -> datetime | None:
        """What the attribute holds."""
        held: datetime | None = self.record[self.attribute.system_name]
        return held

    def name(self, *, is_by_person: bool) -> None:
        """Take what a person set as the deadline; nothing set goes back to the term."""
        if self.value is None:
            self._forget_name()
            return
        if is_by_person and self.value < now():
            raise Refused(self.attribute, _("This moment is over already. Choose one that is still to come."))
        row = self.row or self._make()
        countdown.name(row, self.value)

    def promise(self) -> None:
        """Give the clock the term that the record is promised now."""
        if not self._is_awaited:
            return
        promise = self.book.promise_for(self.record)
        if promise is None:
            self._break_promise()
            return
        row = self.row or self._make()
        row.agreement_id, row.calendar_id = promise.agreement_id, promise.calendar_id
        countdown.change_term(row, promise.term_of(self.row_name), self._working_time(row))

    @property
    def _is_awaited(self) -> bool:
        """Whether what was promised is still to come: a reaction comes once, a solution maybe again."""
        if self.row_name == REACTION:
            return self.row.met_at is None if self.row else _kind(self.record) == "new"
        return not _is_over(self.record)

    def follow(self, *, is_answered: bool) -> None:
        """Let the clock do what the record's status asks of it."""
        row = self.row
        if row is None:
            return
        kind, working_time = _kind(self.record), self._working_time(row)
        if self.row_name == REACTION:
            if kind != "new" or is_answered:
                countdown.meet(row, working_time, now())
        elif _is_over(self.record):
            countdown.meet(row, working_time, now())
        elif kind == "paused":
            countdown.pause(row, working_time, now())
        else:
            countdown.run(row, working_time, now())

    def show(self) -> None:
        """Let the attribute hold what the row says."""
        due_at = self.row.due_at if self.row else None
        if self.value != due_at:
            self.record[self.attribute.system_name] = due_at

    def _make(self) -> Deadline:
        began = self.record.created_at
        self.row = Deadline(
            record=self.record, name=self.row_name, starts_at=began, counted_from=began, left_s=0,
            is_named=False, is_late=False, calendar_id=self.book.default_calendar_id,
        )  # fmt: skip
        db.session.add(self.row)
        return self.row

    def _forget_name(self) -> None:
        if self.row is None:
            return
        if self.row.term_s is None:
            self._remove()
        else:
            countdown.forget_name(self.row, self._working_time(self.row))

    def _break_promise(self) -> None:
        if self.row is not None:
            self.row.agreement_id = None
            countdown.count(self.row, self._working_time(self.row))

    def _remove(self) -> None:
        if self.row is not None:
            db.session.delete(self.row)
            self.row = None

    def _working_time(self, row: Deadline) -> WorkingTime:
        return self.book.working_time(row.calendar_id)


def _is_over(record: Record) -> bool:
    return record.status is not None and record.status.is_final


def _kind(record: Record) -> str:
    return record.status.kind if record.status else ""


def _is_answer(change: Recording) -> bool:
    """Whether somebody of the staff wrote to the people who asked."""
    comment, actor = change.data.get("comment"), change.actor
    if comment is None or actor is None or comment.get("is_internal"):
        return False
    return actor.is_staff and actor.id != change.record.requester_id
