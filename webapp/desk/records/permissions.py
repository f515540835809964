"""What a person may do with a record that they see."""

from __future__ import annotations

from sqlalchemy import select

from webapp.core.db import db
from webapp.desk.record_templates.models import Attribute, Move, RecordTemplate
from webapp.desk.records.models import Record, RecordFile, RecordPerson
from webapp.people.accounts.models import Account, TeamMember

PARTS_THAT_EDIT = frozenset({"author", "requester", "assignee"})


def parts_of(record: Record, account: Account) -> frozenset[str]:
    """Return the roles in which the account stands to the record, as tables of moves name them."""
    mine = (RecordPerson.record_id == record.id, RecordPerson.account_id == account.id)
    parts = set(db.session.scalars(select(RecordPerson.role).where(*mine)))
    if account.is_staff:
        parts.add("staff")
    if account.is_technologist:
        parts.add("technologist")
    if record.team_id is not None and _is_in_team(record.team_id, account):
        parts.add("team")
    return frozenset(parts)


def allowed_moves(record: Record, account: Account) -> list[Move]:
    """Return the moves that the account may make from the present status, in the order of statuses."""
    if record.status_id is None:
        return []
    moves = [each for each in record.template.moves if each.from_status_id == record.status_id]
    if not moves:
        return []
    parts = parts_of(record, account)
    allowed = [each for each in moves if parts & set(each.roles) and not each.to_status.is_retired]
    return sorted(allowed, key=lambda move: move.to_status.position)


def can_edit(record: Record, account: Account) -> bool:
    """Staff edit everything; others what they asked for, until the work is over."""
    if not changeable_attributes(record.template, account):
        return False
    if account.is_staff:
        return True
    is_over = record.status is not None and record.status.is_final
    return not is_over and bool(parts_of(record, account) & PARTS_THAT_EDIT)


def can_comment(record: Record, account: Account) -> bool:
    """Staff comment everywhere, others where they have a part."""
    return account.is_staff or bool(parts_of(record, account))


def can_attach(record: Record, account: Account) -> bool:
    """Who may comment may add files."""
    return can_comment(record, account)


def can_remove(file: RecordFile, account: Account) -> bool:
    """Staff remove every file, others those that they added."""
    return account.is_staff or file.author_id == account.id


def can_see_internal(account: Account) -> bool:
    """Internal comments and files are for staff."""
    return account.is_staff


def can_assign(record: Record, account: Account) -> bool:
    """Staff assign records that can be assigned."""
    return account.is_staff and has_assignment(record.template)


def has_assignment(template: RecordTemplate) -> bool:
    """Whether records of the template have an assignee or a team."""
    return any(template.attribute_in(column) for column in ("assignee_id", "team_id"))


def editable_attributes(template: RecordTemplate, account: Account) -> list[Attribute]:
    """Return the attributes that the account's form of a new record shows, in order."""
    groups = {"participants"}
    if account.is_staff:
        groups.add("staff")
    if account.is_technologist:
        groups.add("technologist")
    return [each for each in template.live_attributes if each.editable_by in groups]


def changeable_attributes(template: RecordTemplate, account: Account) -> list[Attribute]:
    """Return the attributes that the account's form of a record that is there shows, in order."""
    return [each for each in editable_attributes(template, account) if each.system_name not in template.fixed]


def _is_in_team(team_id: int, account: Account) -> bool:
    member = (TeamMember.team_id == team_id, TeamMember.account_id == account.id)
    return db.session.scalar(select(TeamMember.team_id).where(*member)) is not None
