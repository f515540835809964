"""The records on which somebody may want to try a text."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Select, select

from webapp.core.db import db
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records.access import visible_to
from webapp.desk.records.models import IS_ALIVE, Record
from webapp.people.accounts.models import Account

LATEST: Final = 30


def latest_lines(viewer: Account, template: str | None = None) -> list[str]:
    """Return the newest records, each as a line that the form reads."""
    return [line_of(record) for record in db.session.scalars(_newest_first(viewer, template).limit(LATEST))]


def newest(viewer: Account, template: str | None = None) -> Record | None:
    """Return the newest record."""
    found: Record | None = db.session.scalar(_newest_first(viewer, template).limit(1))
    return found


def line_of(record: Record) -> str:
    """Return how a record stands in the form."""
    return f"{_('#%(number)s', number=record.id)} {record.title}"


def _newest_first(viewer: Account, template: str | None) -> Select[Any]:
    query = select(Record).where(IS_ALIVE, visible_to(viewer)).order_by(Record.id.desc())
    if template is None:
        return query
    ours = select(RecordTemplate.id).where(RecordTemplate.system_name == template)
    return query.where(Record.template_id == ours.scalar_subquery())
