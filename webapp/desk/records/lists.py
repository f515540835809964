"""Lists of records: a query that stays quick with 100,000 records.

The most selective filter is found by counting each up to a bound. Where it lets few records through, they
are collected first; otherwise the list is read along the index of its order. Planners guess this wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from webapp.core.db import db
from webapp.core.paging import KeysetPage, Order, paginate
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.records import indexes
from webapp.desk.records.access import records_with_part, visible_to
from webapp.desk.records.models import IS_ALIVE, Record, RecordLink, RecordPerson, RecordValue
from webapp.desk.records.wanted import EVERY_STATUS, MYSELF, STATUS_GROUPS, Wanted, filter_value, role_of
from webapp.people.accounts.models import Account, TeamMember

FEW = 1_000
PAGE_SIZE = 50


@dataclass(frozen=True)
class Restriction:
    """One filter in two forms: the ids that it lets through, and the condition on a record."""

    ids: Select[Any]
    condition: ColumnElement[bool]


def columns_of(template: RecordTemplate) -> list[Attribute]:
    """Return the attributes that the list shows beside the title; a team stands with the assignee."""
    own_places = {"title"} | ({"team_id"} if template.attribute_in("assignee_id") else set())
    return [each for each in template.list_columns if each.column_name not in own_places]


def page_of_records(
    template: RecordTemplate,
    viewer: Account,
    wanted: Wanted,
    *,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> KeysetPage[Record]:
    """Return a page of the template's records that the viewer may see and the filters let through."""
    is_by_number = wanted.sort.removeprefix("-") == "number"
    restrictions = _restrictions(template, viewer, wanted)
    statement = _filtered(restrictions, template, viewer, is_by_number=is_by_number)
    statement, order = _ordered(statement, template, wanted.sort)
    return paginate(db.session, _with_people(statement, template), order, cursor=cursor, size=size)


def count_records(template: RecordTemplate, viewer: Account, wanted: Wanted) -> int:
    """Return how many records the list has, counted up to FEW + 1."""
    statement = _filtered(_restrictions(template, viewer, wanted), template, viewer)
    return _count(statement.with_only_columns(Record.id))


def page_of_search(viewer: Account, q: str, *, cursor: str | None = None) -> KeysetPage[Record]:
    """Return records of any template that have words beginning as those of ``q``, newest first."""
    found = _by_search(q)
    if found is None:
        return KeysetPage([], None, None)
    statement = _filtered([found], None, viewer)
    order: Order = [(Record.id, "desc")]
    return paginate(db.session, _with_people(statement, None), order, cursor=cursor, size=PAGE_SIZE)


def _filtered(
    restrictions: Sequence[Restriction],
    template: RecordTemplate | None,
    viewer: Account,
    *,
    is_by_number: bool = False,
) -> Select[Any]:
    statement = select(Record).where(IS_ALIVE, visible_to(viewer))
    if template is not None:
        # The sum keeps the planner from the template's indexes: it would sort all that it found by them.
        template_id = Record.template_id + 0 if is_by_number else Record.template_id
        statement = statement.where(template_id == template.id)
    counts = [_count(each.ids) for each in restrictions]
    fewest = min(range(len(counts)), key=counts.__getitem__) if counts and min(counts) <= FEW else None
    for place, restriction in enumerate(restrictions):
        if place == fewest:
            picked = restriction.ids.limit(FEW + 1).cte("picked").prefix_with("MATERIALIZED")
            statement = statement.join(picked, picked.c.id == Record.id)
        else:
            statement = statement.where(restriction.condition)
    return statement


def _ordered(statement: Select[Any], template: RecordTemplate, sort: str) -> tuple[Select[Any], Order]:
    is_down, name = sort.startswith("-"), sort.removeprefix("-")
    direction: Any = "desc" if is_down else "asc"
    if name == "touched":
        return statement, [(Record.touched_at, direction), (Record.id, direction)]
    if name == "number":
        return statement, [(Record.id, direction)]
    attribute_id = template.attribute(name).id
    statement = statement.join(RecordValue, RecordValue.record_id == Record.id)
    statement = statement.where(RecordValue.attribute_id == attribute_id, RecordValue.position == 0)
    return statement, [(RecordValue.sort_key, direction), (RecordValue.record_id, direction)]


def _with_people(statement: Select[Any], template: RecordTemplate | None) -> Select[Any]:
    options = [joinedload(Record.assignee), joinedload(Record.requester), joinedload(Record.team)]
    if template is None or any(
        each.typed.kind.links_to and not each.column_name for each in columns_of(template)
    ):
        return statement.options(*options, selectinload(Record.links))
    return statement.options(*options)


def _restrictions(template: RecordTemplate, viewer: Account, wanted: Wanted) -> list[Restriction]:
    found = [
        _by_status(template, wanted.status),
        _by_part(template, viewer, wanted.part),
        _by_search(wanted.q),
    ]
    if wanted.q and found[-1] is None:
        nothing = select(Record.id.label("id")).where(Record.id < 0)
        found.append(Restriction(nothing, Record.id < 0))
    found += [_by_value(template.attribute(name), text, viewer) for name, text in wanted.values.items()]
    if template.audience == "participants":
        found += _part_of_visibility(viewer)
    return [each for each in found if each is not None]


def _by_status(template: RecordTemplate, status: str) -> Restriction | None:
    if not template.live_statuses or status == EVERY_STATUS:
        return None
    kinds = STATUS_GROUPS.get(status or "open")
    ids = [
        each.id for each in template.statuses if (each.kind in kinds if kinds else each.system_name == status)
    ]
    condition = Record.status_id.in_(ids)
    alive = (Record.template_id == template.id, IS_ALIVE)
    return Restriction(select(Record.id.label("id")).where(*alive, condition), condition)


def _by_part(template: RecordTemplate, viewer: Account, part: str) -> Restriction | None:
    if not part:
        return None
    if part == "team":
        condition = Record.team_id.in_(select(TeamMember.team_id).where(TeamMember.account_id == viewer.id))
        return Restriction(_ids_where(condition), condition)
    mine = (RecordPerson.account_id == viewer.id, RecordPerson.role == (role_of(template, part) or ""))
    ids = select(RecordPerson.record_id.label("id")).where(*mine)
    return Restriction(ids, exists().where(RecordPerson.record_id == Record.id, *mine))


def _by_search(q: str) -> Restriction | None:
    ids = indexes.find_ids(q) if q else None
    return None if ids is None else Restriction(ids, Record.id.in_(ids))


def _by_value(attribute: Attribute, text: str, viewer: Account) -> Restriction:
    value = viewer.id if text == MYSELF and attribute.kind == "account" else filter_value(attribute, text)
    if attribute.column_name and attribute.column_name.endswith("_id"):
        column = getattr(Record, attribute.column_name)
        condition = column.is_(None) if value is None else column == value
        return Restriction(_ids_where(condition), condition)
    if attribute.typed.kind.links_to:
        return _by_link(attribute, value)
    key = attribute.typed.sort_key(value)
    same = (RecordValue.attribute_id == attribute.id, RecordValue.sort_key == key)
    row = aliased(RecordValue)
    there = exists().where(row.attribute_id == attribute.id, row.record_id == Record.id, row.sort_key == key)
    return Restriction(select(RecordValue.record_id.label("id")).where(*same).distinct(), there)


def _by_link(attribute: Attribute, value: int | None) -> Restriction:
    mine = RecordLink.attribute_id == attribute.id
    there = exists().where(mine, RecordLink.record_id == Record.id)
    if value is None:
        return Restriction(_ids_where(Record.template_id == attribute.template_id, ~there), ~there)
    is_account = attribute.typed.kind.links_to == "account"
    target = RecordLink.target_account_id if is_account else RecordLink.target_record_id
    ids = select(RecordLink.record_id.label("id")).where(target == value, mine)
    return Restriction(ids, there.where(target == value))


def _part_of_visibility(viewer: Account) -> list[Restriction]:
    """What somebody who is not staff may see is few, most often: then it is where the list begins."""
    if viewer.is_staff:
        return []
    part = records_with_part(viewer).subquery()
    ids = select(part.c.id)
    return [Restriction(ids, Record.id.in_(ids))]


def _ids_where(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(Record.id.label("id")).where(IS_ALIVE, *conditions)


def _count(ids: Select[Any]) -> int:
    some = ids.limit(FEW + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
