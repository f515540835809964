"""What tests of files send and look at."""

from __future__ import annotations

import io
from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records.models import Record, RecordFile
from webapp.events.models import Event


def chosen(*files: tuple[str, bytes], field: str = "files", **others: str) -> dict[str, Any]:
    return {field: [(io.BytesIO(content), name) for name, content in files], **others}


def send_large(browser: PageClient, address: str, fields: dict[str, Any]) -> BeautifulSoup:
    """Send files as one piece: werkzeug's client leaves the temporary file of a large form open."""
    db.session.commit()
    files = [FileStorage(*each) for each in fields["files"]]
    boundary, body = encode_multipart({"csrf_token": browser.csrf_token(), **fields, "files": files})
    answer = browser.client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    return BeautifulSoup(answer.text, "html.parser")


def names_of(record: Record) -> list[str]:
    db.session.rollback()
    present = (RecordFile.record_id == record.id, RecordFile.removed_at.is_(None))
    return list(db.session.scalars(select(RecordFile.name).where(*present).order_by(RecordFile.id)))


def last_event() -> Event:
    db.session.rollback()
    event = db.session.scalar(select(Event).order_by(Event.id.desc()).limit(1))
    assert event
    return event
