"""The records under a record: those of templates whose column ``parent_id`` leads to its template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core.db import db
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.record_templates.queries import can_create, can_list
from webapp.desk.records.access import visible_to
from webapp.desk.records.lists import columns_of
from webapp.desk.records.models import IS_ALIVE, Record
from webapp.desk.records.permissions import editable_attributes
from webapp.people.accounts.models import Account

PARENT = "parent_id"
MOST_SHOWN = 20


@dataclass(frozen=True)
class Children:
    """The records of one template under a record, as one person sees them; the open ones come first."""

    template: RecordTemplate
    parent: Attribute
    rows: list[Record]
    has_more: bool
    can_create: bool

    @property
    def columns(self) -> list[Attribute]:
        """What is shown of each: what their own list shows, without the parent, who is the same for all."""
        return [each for each in columns_of(self.template) if each.id != self.parent.id]


def children_of(record: Record, viewer: Account) -> list[Children]:
    """Return what stands under the record, for each template where something does or could be made."""
    found = [_children(record, attribute, viewer) for attribute in _leading_to(record.template, viewer)]
    return [each for each in found if each.rows or each.can_create]


def _leading_to(template: RecordTemplate, viewer: Account) -> list[Attribute]:
    """Return the attributes in use that name records of the template as parents, in the order of the menu."""
    query = select(Attribute).join(Attribute.template).options(joinedload(Attribute.template))
    in_use = (Attribute.is_retired.is_(False), RecordTemplate.is_retired.is_(False))
    query = query.where(Attribute.column_name == PARENT, *in_use)
    attributes = db.session.scalars(query.order_by(RecordTemplate.position, RecordTemplate.system_name))
    return [
        each
        for each in attributes.unique()
        if each.options["template"] == template.system_name and can_list(each.template, viewer)
    ]


def _children(record: Record, parent: Attribute, viewer: Account) -> Children:
    template = parent.template
    rows = list(db.session.scalars(_rows(record, template, viewer).limit(MOST_SHOWN + 1)))
    may_create = can_create(template, viewer) and parent in editable_attributes(template, viewer)
    return Children(template, parent, rows[:MOST_SHOWN], len(rows) > MOST_SHOWN, may_create)


def _rows(record: Record, template: RecordTemplate, viewer: Account) -> Select[Any]:
    over = [status.id for status in template.statuses if status.is_final]
    ours = (Record.parent_id == record.id, Record.template_id == template.id, IS_ALIVE, visible_to(viewer))
    people = (joinedload(Record.assignee), joinedload(Record.requester), joinedload(Record.team))
    query = select(Record).where(*ours).options(*people, selectinload(Record.links))
    return query.order_by(Record.status_id.in_(over), Record.id)
