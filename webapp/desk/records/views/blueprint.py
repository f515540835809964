"""The blueprint of records, and what its views share."""

from __future__ import annotations

from flask import Blueprint, abort

from webapp.core.db import db, reading
from webapp.core.locales import page_language, page_time_zone
from webapp.desk.record_templates import queries as record_templates
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records import queries, record_files, uploads
from webapp.desk.records.comments import comment_as_html
from webapp.desk.records.forms.file_forms import FilesField
from webapp.desk.records.models import Record
from webapp.desk.records.plain_text import as_html
from webapp.desk.records.shown import reader_for
from webapp.desk.records.uploads import Batch
from webapp.languages.values import Reader
from webapp.people.accounts.rights import current_account

bp = Blueprint("records", __name__)
bp.add_app_template_filter(as_html, "plain_text")
bp.add_app_template_filter(comment_as_html, "comment_text")
bp.add_app_template_filter(uploads.in_words, "octets")


def page_reader() -> Reader:
    """Return the signed-in person as a reader of values."""
    return reader_for(current_account(), page_language(), page_time_zone())


def load_record(record_id: int) -> Record:
    """Return the record; 404 when there is none that this person may see, which must look the same."""
    record = queries.get_record(record_id, current_account())
    if record is None:
        abort(404)
    return record


def receive_files(field: FilesField, record: Record | None) -> Batch:
    """Bring the files that were chosen into the store: for the record, or for one that is not made yet.

    Ends the transaction: the store may be slow, and others must be able to write meanwhile.
    """
    if not field.data:
        return Batch()
    room = record_files.room_for(record, current_account())
    db.session.rollback()
    with reading():  # who reads the reasons, and in which language, is looked up meanwhile
        return uploads.receive(field.data, room)


def load_template(name: str) -> RecordTemplate:
    """Return the record template; 404 when there is none that has a list for this person."""
    template = record_templates.get_template(name)
    if template is None or not record_templates.can_list(template, current_account()):
        abort(404)
    return template
