"""Reads stored files: by their id, and those that nobody needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from sqlalchemy import ColumnElement, exists, false, or_, select

from webapp.core.db import Base, db
from webapp.files import store
from webapp.files.models import StoredFile


def get_file(file_id: int) -> StoredFile | None:
    """Return the stored file; what may be done with it is its owners' matter."""
    return db.session.get(StoredFile, file_id)


def open_file(file: StoredFile) -> IO[bytes]:
    """Open the content for reading. Raises ContentMissing and StoreUnavailable."""
    return store.current().open(file.sha256)


def list_unused(before: datetime, size: int) -> Sequence[int]:
    """Return the ids of files to which nobody points, and nobody has since before the moment."""
    unused = select(StoredFile.id).where(StoredFile.used_at < before, ~is_used())
    return db.session.scalars(unused.order_by(StoredFile.id).limit(size)).all()


def is_used() -> ColumnElement[bool]:
    """Return the condition that some row points to the file: of any table, whoever made it."""
    columns = [
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == f"{StoredFile.__tablename__}.id" for key in column.foreign_keys)
    ]
    return or_(false(), *(exists().where(column == StoredFile.id) for column in columns))
