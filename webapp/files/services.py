"""Takes files in, keeps each content once, and deletes what nobody needs any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import delete, select, update

from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db, writing
from webapp.core.row_changes import change_rows
from webapp.files import store
from webapp.files.models import StoredFile
from webapp.files.queries import is_used
from webapp.files.store import Received


@dataclass(frozen=True)
class Kept:
    """Content that stands under its hash and has its row."""

    file_id: int
    octets: int
    media_type: str


def receive(stream: IO[bytes], most: int) -> Received:
    """Bring a stream of at most so many octets into the store, where nobody can see it yet.

    What comes back must be given to ``keep`` or to ``discard``. Raises TooLarge and StoreUnavailable.
    """
    return store.current().receive(stream, most)


def discard(received: Received) -> None:
    """Forget what was received."""
    store.current().discard(received)


def keep(received: Received) -> Kept:
    """Put what was received in its place. Raises StoreUnavailable.

    To be called outside of a transaction. The row is written first, in one of its own: whoever deletes unused
    files either sees that it was used just now, or has deleted the content before it is put in place again.
    """
    try:
        kept = _write_row(received)
        store.current().place(received)
    except BaseException:
        discard(received)
        raise
    return kept


def touch(file_ids: Collection[int]) -> None:
    """Remember that somebody begins or ceases to use the files at this moment."""
    change_rows(update(StoredFile).where(StoredFile.id.in_(file_ids)).values(used_at=now()))


def delete_unused(file_id: int, before: datetime) -> bool:
    """Delete a file that nobody has used since before the moment; returns whether that was still so.

    The content goes while the row is locked: whoever sends the same content now waits for the commit and puts
    it in its place again. Raises StoreUnavailable, and IntegrityError when somebody points to it meanwhile.
    """
    sha256 = db.session.scalar(select(StoredFile.sha256).where(StoredFile.id == file_id))
    unused = delete(StoredFile).where(StoredFile.id == file_id, StoredFile.used_at < before, ~is_used())
    if sha256 is None or not change_rows(unused):
        return False
    store.current().delete(sha256)
    return True


def _write_row(received: Received) -> Kept:
    values = {"octets": received.octets, "media_type": received.media_type, "created_at": now()}
    row = insert(StoredFile).values(sha256=received.sha256, used_at=now(), **values)
    known = row.on_conflict_do_update(index_elements=["sha256"], set_={"used_at": now()})
    with writing(), db.engine.begin() as connection:
        file_id: int = connection.execute(known.returning(StoredFile.id)).scalar_one()
    return Kept(file_id, received.octets, received.media_type)
