"""Files of records: added by themselves, with a comment or with the record; removed. Never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select

from webapp.core import config
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.records import once
from webapp.desk.records.changes import recording
from webapp.desk.records.models import Record, RecordFile
from webapp.desk.records.uploads import Room, Upload
from webapp.events.models import Event
from webapp.files import services as files
from webapp.people.accounts.models import Account

DAY: Final = timedelta(days=1)


class TooManyFiles(Exception):
    """The record has as many files as it takes; somebody else was quicker."""


def room_for(record: Record | None, author: Account) -> Room:
    """Return what the person may still add: to the record, or to one that is not made yet."""
    settings = config.current()
    mine = (RecordFile.author_id == author.id, RecordFile.created_at > now() - DAY)
    sent = db.session.scalar(select(func.sum(RecordFile.octets)).where(*mine)) or 0
    held = count_present(record) if record is not None else 0
    return Room(settings.files_per_record - held, settings.files_per_day - int(sent))


def count_present(record: Record) -> int:
    """Return how many files the record has, internal ones too."""
    present = (RecordFile.record_id == record.id, RecordFile.removed_at.is_(None))
    return db.session.scalar(select(func.count(RecordFile.id)).where(*present)) or 0


def attach(  # noqa: PLR0913 - by name but for the first two
    record: Record,
    uploads: Sequence[Upload],
    *,
    author: Account,
    is_internal: bool,
    nonce: str | None = None,
    cause: Event | None = None,
) -> None:
    """Add files to the record, once for a ``nonce`` of the same author. Announces ``record.files_changed``.

    Raises TooManyFiles.
    """
    with recording(record, author, cause=cause) as change:
        # Asked under the lock of the record: the same form may have arrived twice at once.
        if once.find_done(nonce, author) is None:
            once.remember(nonce, author, record)
            change.data |= write_files(record, uploads, author, is_internal=is_internal)


def remove(file: RecordFile, *, record: Record, actor: Account, cause: Event | None = None) -> None:
    """Take a file away from its record, and let go of its content. Announces ``record.files_changed``."""
    with recording(record, actor, cause=cause) as change:
        db.session.refresh(file)
        if file.removed_at is not None:
            return
        if file.file_id is not None:
            files.touch([file.file_id])
        file.removed_at, file.removed_by_id, file.file_id = now(), actor.id, None
        change.data["files"] = [{**_told(file), "is_removed": True}]


def write_files(
    record: Record,
    uploads: Sequence[Upload],
    author: Account,
    *,
    is_internal: bool,
    comment_id: int | None = None,
) -> dict[str, Any]:
    """Write files of the record under its lock; returns what their event tells of them.

    Raises TooManyFiles.
    """
    if not uploads:
        return {}
    if count_present(record) + len(uploads) > config.current().files_per_record:
        raise TooManyFiles
    rows = [
        RecordFile(
            record_id=record.id,
            file_id=each.kept.file_id,
            comment_id=comment_id,
            name=each.name,
            octets=each.kept.octets,
            is_internal=is_internal,
            author_id=author.id,
        )
        for each in uploads
        if each.kept
    ]
    db.session.add_all(rows)
    db.session.flush()
    return {"files": [_told(row) for row in rows], "is_by_staff": author.is_staff}


def _told(file: RecordFile) -> dict[str, Any]:
    return {"id": file.id, "name": file.name, "octets": file.octets, "is_internal": file.is_internal}
