"""Reads records, their people, comments, files and events."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from webapp.core.db import db
from webapp.core.paging import KeysetPage, paginate
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records.access import visible_to
from webapp.desk.records.changes import RECORD
from webapp.desk.records.models import Comment, Record, RecordFile, RecordPerson
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.languages.values.links import LARGEST_ID
from webapp.people.accounts.models import Account

HISTORY_SIZE = 50
#: Kinds of events that may be for staff alone, and where their data say so; files of one event are alike.
INTERNAL: Final[tuple[tuple[EventKind, tuple[str | int, ...]], ...]] = (
    (EventKind.RECORD_COMMENTED, ("comment", "is_internal")),
    (EventKind.RECORD_FILES_CHANGED, ("files", 0, "is_internal")),
)


def get_record(record_id: int, viewer: Account | None = None) -> Record | None:
    """Return the record; None when there is none, or none that the viewer may see."""
    if not 0 < record_id <= LARGEST_ID:
        return None
    query = select(Record).where(Record.id == record_id).options(selectinload(Record.links))
    if viewer is not None:
        query = query.where(visible_to(viewer))
    return db.session.scalar(query)


def list_records(ids: Collection[int]) -> list[Record]:
    """Return the records with these numbers, with their links; a template is read once for all of them."""
    query = (
        select(Record)
        .where(Record.id.in_(ids))
        .options(
            selectinload(Record.links),
            lazyload(Record.status),
            lazyload(Record.template).lazyload(RecordTemplate.moves),
        )
    )
    return list(db.session.scalars(query))


def people_of(record_id: int, role: str) -> list[Account]:
    """Return the accounts that have the role in the record, by name."""
    query = select(Account).join(RecordPerson, RecordPerson.account_id == Account.id)
    query = query.where(RecordPerson.record_id == record_id, RecordPerson.role == role)
    return list(db.session.scalars(query.order_by(Account.name, Account.id)))


def is_subscribed(record_id: int, account: Account) -> bool:
    """Whether the account observes the record."""
    return db.session.get(RecordPerson, (account.id, record_id, "observer")) is not None


def list_comments(record_id: int, *, with_internal: bool) -> list[Comment]:
    """Return the comments, oldest first."""
    query = select(Comment).where(*_of_record(record_id, with_internal=with_internal))
    whole = query.options(joinedload(Comment.author), selectinload(Comment.files))
    return list(db.session.scalars(whole.order_by(Comment.id)))


def count_comments(record_id: int, *, with_internal: bool) -> int:
    """Return how many comments there are for this reader."""
    query = select(func.count(Comment.id)).where(*_of_record(record_id, with_internal=with_internal))
    return db.session.scalar(query) or 0


def list_files(record_id: int, *, with_internal: bool) -> list[RecordFile]:
    """Return the files of the record and of its comments, newest first."""
    query = select(RecordFile).where(*_files_of(record_id, with_internal=with_internal))
    return list(
        db.session.scalars(query.options(joinedload(RecordFile.author)).order_by(RecordFile.id.desc()))
    )


def count_files(record_id: int, *, with_internal: bool) -> int:
    """Return how many files there are for this reader."""
    query = select(func.count(RecordFile.id)).where(*_files_of(record_id, with_internal=with_internal))
    return db.session.scalar(query) or 0


def get_file(record_id: int, file_id: int, *, with_internal: bool) -> RecordFile | None:
    """Return one file of the record; None when there is none that this reader may have."""
    mine = _files_of(record_id, with_internal=with_internal)
    return db.session.scalar(
        select(RecordFile).where(*mine, RecordFile.id == file_id).options(joinedload(RecordFile.stored))
    )


def page_of_history(record_id: int, cursor: str | None, *, with_internal: bool) -> KeysetPage[Event]:
    """Return events of the record, newest first; internal comments and files only for who may see them."""
    query = select(Event).where(Event.subject_type == RECORD, Event.subject_id == record_id)
    if not with_internal:
        query = query.where(*(_is_open(kind, *path) for kind, path in INTERNAL))
    return paginate(db.session, query, [(Event.id, "desc")], cursor=cursor, size=HISTORY_SIZE)


def latest_change(record_id: int) -> Event | None:
    """Return the last event that changed the record: who edited meanwhile."""
    query = select(Event).where(Event.subject_type == RECORD, Event.subject_id == record_id)
    return db.session.scalar(query.where(Event.kind == "record.changed").order_by(Event.id.desc()).limit(1))


def _is_open(kind: EventKind, *path: str | int) -> ColumnElement[bool]:
    """Return the condition that the event is of another kind, or not for staff alone."""
    return or_(Event.kind != kind, Event.data[path].as_boolean().is_not(True))


def _files_of(record_id: int, *, with_internal: bool) -> list[ColumnElement[bool]]:
    present = [RecordFile.record_id == record_id, RecordFile.removed_at.is_(None)]
    return present if with_internal else [*present, RecordFile.is_internal.is_(False)]


def _of_record(record_id: int, *, with_internal: bool) -> list[ColumnElement[bool]]:
    mine = [Comment.record_id == record_id]
    return mine if with_internal else [*mine, Comment.is_internal.is_(False)]
