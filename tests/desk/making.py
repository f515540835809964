"""Makes records for tests, the way the program does."""

from __future__ import annotations

from typing import Any

from webapp.core.db import db
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import services
from webapp.desk.records.models import Record
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
