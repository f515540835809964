"""Everything that people do with records. Each service makes at most one event and never commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core.db import db
from webapp.desk.record_templates import loader
from webapp.desk.record_templates.models import Attribute, Move, RecordTemplate
from webapp.desk.records import indexes, once, permissions
from webapp.desk.records.changes import record_creation, recording
from webapp.desk.records.comments import write_comment
from webapp.desk.records.models import Record, RecordPerson, RecordValue
from webapp.events.models import Event
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account, Team
from webapp.people.accounts.queries import get_active_account_by_email

Values = Mapping[str, Any]
Ids = Mapping[str, int | None]


@dataclass(frozen=True)
class FieldConflict:
    """One attribute that two people changed at once: what this one wants, what is there by the other."""

    name: str
    mine: Any
    theirs: Any


class EditConflict(Exception):
    """Somebody else changed the same attributes meanwhile; nothing was saved."""

    def __init__(self, conflicts: list[FieldConflict]) -> None:
        super().__init__(", ".join(each.name for each in conflicts))
        self.conflicts = {each.name: each for each in conflicts}


class InvalidMove(Exception):
    """The template allows no such move from the present status to this person."""

    def __init__(self, present: str | None, wanted: str) -> None:
        super().__init__(f"{present} → {wanted}")
        self.present = present
        self.wanted = wanted


class CommentNeeded(Exception):
    """This move says why in a comment."""


class NotUnique(Exception):
    """Another record has the same value in an attribute where each may stand once."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__(attribute.system_name)
        self.attribute = attribute


def create_record(  # noqa: PLR0913 - by name but for the first two
    template: RecordTemplate,
    values: Values,
    *,
    author: Account,
    data: Values | None = None,
    nonce: str | None = None,
    cause: Event | None = None,
) -> Record:
    """Register a record in the template's first status. Announces ``record.created``, which keeps ``data``.

    Attributes without a value get their defaults. The same ``nonce`` of the same author gives the record
    that it made before. Raises NotUnique and Refused.
    """
    known = once.find_done(nonce, author)
    if known is not None:
        return known
    record = Record(template=template, status=template.first_status, version=1, values={}, title="")
    filled = _with_defaults(template, values, author)
    with db.session.no_autoflush:
        for name, value in filled.items():
            record[name] = value
        _name_requester(record)
    try:
        _refuse_repeated(template, filled)
        with db.session.begin_nested():
            record_creation(record, author, data=data, cause=cause)
            once.remember(nonce, author, record)
    except (IntegrityError, NotUnique):
        # The same form, or another with the same unique value, arrived by another connection a moment ago.
        known = once.find_done(nonce, author)
        if known is not None:
            return known
        _refuse_repeated(template, filled)
        raise
    return record


def change_attributes(  # noqa: PLR0913 - an edit is compared with what was shown
    record: Record,
    values: Values,
    *,
    actor: Account | None,
    shown: Values,
    version: int | None = None,
    cause: Event | None = None,
) -> None:
    """Save those of ``values`` that differ from ``shown`` (as JSON). Announces ``record.changed``.

    Raises EditConflict when an attribute that this form changes is not as shown any more, unless the record
    still has the ``version`` that was shown; NotUnique; Refused. A raise leaves the transaction to be undone.
    """
    template, wanted = record.template, _changed_by_form(record.template, values, shown)
    try:
        with db.session.begin_nested(), recording(record, actor, cause=cause) as change:
            if version != record.version:
                _refuse_conflicts(template, wanted, shown, change.before)
            _refuse_repeated(template, wanted, record.id)
            for name, value in wanted.items():
                record[name] = value
            _name_requester(record)
    except IntegrityError:
        # Another record got the same unique value by another connection a moment ago.
        _refuse_repeated(template, wanted, record.id)
        raise


def change_status(
    record: Record,
    status_name: str,
    *,
    actor: Account,
    comment: str | None = None,
    cause: Event | None = None,
) -> None:
    """Move the record along an allowed move, maybe with a public comment. Announces ``record.changed``.

    Raises InvalidMove, and CommentNeeded where the move must be explained.
    """
    with recording(record, actor, cause=cause) as change:
        move = _find_move(record, status_name, actor)
        if move.needs_comment and not comment:
            raise CommentNeeded(status_name)
        record.status_id = move.to_status_id
        record.status = move.to_status
        if comment:
            change.data["comment"] = write_comment(record, comment, actor, is_internal=False)


def assign(  # noqa: PLR0913 - by name but for the record
    record: Record,
    *,
    assignee: Account | None,
    team: Team | None,
    actor: Account,
    shown: Ids | None = None,
    cause: Event | None = None,
) -> None:
    """Set who answers for the record: a person, a team or both. Announces ``record.changed``.

    With ``shown``, the ids by column that a form had, only what differs from them is set. Raises EditConflict
    when somebody else set the same meanwhile.
    """
    targets = {"assignee_id": assignee, "team_id": team}
    found = {column: record.template.attribute_in(column) for column in targets}
    names = {column: attribute.system_name for column, attribute in found.items() if attribute is not None}
    values = {name: target.id if (target := targets[column]) else None for column, name in names.items()}
    if shown is not None:
        seen = {name: shown.get(column) for column, name in names.items()}
        change_attributes(record, values, actor=actor, shown=seen, cause=cause)
        return
    with recording(record, actor, cause=cause):
        for name, value in values.items():
            record[name] = value


def add_comment(  # noqa: PLR0913 - by name but for the first two
    record: Record,
    body: str,
    *,
    author: Account,
    is_internal: bool,
    nonce: str | None = None,
    cause: Event | None = None,
) -> None:
    """Write a comment, once for a ``nonce`` of the same author. Announces ``record.commented``."""
    with recording(record, author, cause=cause) as change:
        # Asked under the lock of the record: the same form may have arrived twice at once.
        if once.find_done(nonce, author) is None:
            once.remember(nonce, author, record)
            change.data["comment"] = write_comment(record, body, author, is_internal=is_internal)


def subscribe(record: Record, account: Account, *, actor: Account, cause: Event | None = None) -> None:
    """Let the account hear of the record. Announces ``record.subscribed`` unless it did already."""
    with recording(record, actor, cause=cause) as change:
        if _find_observer(record, account) is None:
            db.session.add(RecordPerson(account_id=account.id, record_id=record.id, role=indexes.OBSERVER))
            change.data["observer"] = {"account_id": account.id}


def unsubscribe(record: Record, account: Account, *, actor: Account, cause: Event | None = None) -> None:
    """Let the account hear no more of the record as an observer. Announces ``record.subscribed``."""
    with recording(record, actor, cause=cause) as change:
        observer = _find_observer(record, account)
        if observer is not None:
            db.session.delete(observer)
            change.data["observer"] = {"account_id": account.id, "is_removed": True}


def sync_templates(folder: Path | None = None) -> loader.SyncReport:
    """Bring record templates into line with their files and build stale indexes. Flushes."""
    report = loader.sync_builtin(folder)
    for attribute in report.stale:
        indexes.rebuild(attribute)
    return report


def _with_defaults(template: RecordTemplate, values: Values, author: Account) -> dict[str, Any]:
    filled = dict(values)
    address = template.attribute_in("requester_address")
    for attribute in template.live_attributes:
        if filled.get(attribute.system_name) is not None:
            continue
        is_known_by_address = (
            attribute.column_name == "requester_id" and address and filled.get(address.system_name)
        )
        if attribute.column_name == "author_id":
            filled[attribute.system_name] = author.id
        elif attribute.default and not is_known_by_address:
            filled[attribute.system_name] = _default(attribute, author)
    return filled


def _default(attribute: Attribute, author: Account) -> Any:  # noqa: ANN401 - of the attribute's kind
    if attribute.default == "author" and attribute.kind == "account":
        return author.id
    return attribute.typed.parse([attribute.default or ""], Reader())


def _name_requester(record: Record) -> None:
    """Put the person in place of their address: an address alone would open no page to them."""
    if record.requester_address and not record.requester_id:
        account = get_active_account_by_email(record.requester_address)
        if account:
            record.requester_id, record.requester_address = account.id, None


def _changed_by_form(template: RecordTemplate, values: Values, shown: Values) -> dict[str, Any]:
    """Leave out what the form did not change: saving it would undo what somebody else did meanwhile."""
    typed = {name: template.attribute(name).typed for name in values}
    return {name: value for name, value in values.items() if typed[name].to_json(value) != shown.get(name)}


def _refuse_conflicts(template: RecordTemplate, wanted: Values, shown: Values, present: Values) -> None:
    conflicts = []
    for name, value in wanted.items():
        mine = template.attribute(name).typed.to_json(value)
        if present.get(name) not in (shown.get(name), mine):
            conflicts.append(FieldConflict(name, mine, present.get(name)))
    if conflicts:
        raise EditConflict(conflicts)


def _refuse_repeated(template: RecordTemplate, values: Values, record_id: int | None = None) -> None:
    """Raise NotUnique when a record other than this one has a value that must stand once."""
    for name, value in values.items():
        attribute = template.attribute(name)
        key = indexes.unique_key(attribute, value) if attribute.is_unique else None
        if key is None:
            continue
        taken = (RecordValue.attribute_id == attribute.id, RecordValue.unique_key == key)
        owner = db.session.scalar(select(RecordValue.record_id).where(*taken))
        if owner not in {None, record_id}:
            raise NotUnique(attribute)


def _find_move(record: Record, status_name: str, actor: Account) -> Move:
    for move in permissions.allowed_moves(record, actor):
        if move.to_status.system_name == status_name:
            return move
    raise InvalidMove(record["status"], status_name)


def _find_observer(record: Record, account: Account) -> RecordPerson | None:
    return db.session.get(RecordPerson, (account.id, record.id, indexes.OBSERVER))
