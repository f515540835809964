"""Makes records for tests, the way the program does."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from webapp.core.db import db
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import record_files, services, uploads
from webapp.desk.records.models import Record, RecordFile
from webapp.desk.records.uploads import Room
from webapp.people.accounts.models import Account


def make_ticket(author: Account, title: str = "The printer is on fire", **values: Any) -> Record:
    """Register a ticket and commit."""
    return make_record("ticket", author, title=title, **values)


def make_record(template_name: str, author: Account, **values: Any) -> Record:
    """Register a record of any template and commit."""
    template = get_template(template_name)
    assert template is not None
    record = services.create_record(template, values, author=author)
    db.session.commit()
    return record


def add_file(
    record: Record,
    author: Account,
    name: str = "report.txt",
    content: bytes = b"What happened",
    *,
    is_internal: bool = False,
) -> RecordFile:
    """Add a file to the record and commit."""
    db.session.commit()
    batch = uploads.receive([FileStorage(io.BytesIO(content), name)], Room(1, len(content)))
    assert not batch.refused, batch.troubles
    record_files.attach(record, batch.accepted, author=author, is_internal=is_internal)
    db.session.commit()
    file = db.session.scalar(select(RecordFile).order_by(RecordFile.id.desc()).limit(1))
    assert file
    return file
