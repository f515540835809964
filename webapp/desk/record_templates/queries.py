"""Reads record templates."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from webapp.core.db import db
from webapp.desk.record_templates.models import RecordTemplate, label
from webapp.people.accounts.models import Account

__all__ = ["can_create", "can_list", "get_template", "label", "list_templates"]


def get_template(name: str) -> RecordTemplate | None:
    """Return the template with this system name, unless it is retired."""
    in_use = RecordTemplate.is_retired.is_(False)
    return db.session.scalar(select(RecordTemplate).where(RecordTemplate.system_name == name, in_use))


def list_templates() -> list[RecordTemplate]:
    """Return the templates in use in their order; attributes and statuses are read when asked for."""
    query = select(RecordTemplate).where(RecordTemplate.is_retired.is_(False)).options(lazyload("*"))
    return list(db.session.scalars(query.order_by(RecordTemplate.position, RecordTemplate.system_name)))


def can_create(template: RecordTemplate, account: Account) -> bool:
    """Whether the account may make records of the template."""
    rights = {"everyone": True, "staff": account.is_staff, "technologist": account.is_technologist}
    return can_list(template, account) and rights.get(template.created_by, False)


def can_list(template: RecordTemplate, account: Account) -> bool:
    """Whether the template has a list for the account."""
    return account.is_staff or template.audience != "staff"
