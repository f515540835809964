"""Who may see which records: one condition for lists, search, counts, cards, links and streams."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, or_, select, true, union
from sqlalchemy.orm import aliased

from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records.models import Record, RecordPerson
from webapp.people.accounts.models import STAFF, Account, TeamMember


def visible_to(account: Account) -> ColumnElement[bool]:
    """Return the condition over ``Record`` that holds for what the account may see.

    Staff see everything. Others see records of templates for everyone, and of templates for participants
    those in which they have a part, themselves or by their team.
    """
    if account.is_staff:
        return true()
    return or_(
        Record.template_id.in_(_templates_for("everyone")),
        and_(
            Record.template_id.in_(_templates_for("participants")),
            Record.id.in_(select(records_with_part(account).subquery().c.id)),
        ),
    )


def records_with_part(account: Account) -> CompoundSelect[Any]:
    """Return the ids of the records in which the account has a part."""
    of_team = aliased(Record)
    teams = select(TeamMember.team_id).where(TeamMember.account_id == account.id)
    return union(
        select(RecordPerson.record_id.label("id")).where(RecordPerson.account_id == account.id),
        select(of_team.id.label("id")).where(of_team.team_id.in_(teams)),
    )


def seen_by(record: Record, *, by_part: bool = False) -> ColumnElement[bool]:
    """Return the condition over ``Account`` of who may see the record: ``visible_to`` turned round.

    With ``by_part`` only those who have a part in it, themselves or by its team.
    """
    parts = select(RecordPerson.account_id).where(RecordPerson.record_id == record.id)
    members = select(TeamMember.account_id).where(TeamMember.team_id == record.team_id)
    has_part = or_(Account.id.in_(parts), Account.id.in_(members))
    if by_part:
        return has_part
    audience = record.template.audience
    if audience == "everyone":
        return true()
    is_staff = Account.role.in_([role.value for role in STAFF])
    return is_staff if audience == "staff" else or_(is_staff, has_part)


def _templates_for(audience: str) -> Select[Any]:
    return select(RecordTemplate.id).where(RecordTemplate.audience == audience)
