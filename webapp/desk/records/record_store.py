"""The store of formulas and programs over records and people, with the rights of whoever reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from webapp.core.db import db
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records.access import visible_to
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.models import IS_ALIVE, Record, RecordLink
from webapp.desk.records.system_attributes import (
    ACCOUNT,
    OF_PEOPLE,
    OF_RECORDS,
    OF_TEAMS,
    PRIVATE,
    RECORD,
    TEAM,
    ref,
)
from webapp.languages.storable import is_storable
from webapp.languages.store import Named, Ref, TooMany, UnknownName, Value
from webapp.languages.values.kind import Json
from webapp.people.accounts.models import Account, Team

MOST_RECORDS: Final = 10_000
#: So many numbers fit into one question.
_AT_ONCE: Final = 500

#: What is no record, and has no template.
_PEOPLE: Final[Mapping[str, Any]] = {ACCOUNT: Account, TEAM: Team}
_LINKS: Final = frozenset({ACCOUNT, RECORD, TEAM})


class RecordStore:
    """See ``Store``. With no reader everything is seen: the program itself asks.

    ``held`` are values by record and attribute, as events keep them, that count instead of what records have
    now.
    """

    def __init__(
        self,
        reader: Account | None,
        variables: Mapping[str, Value] | None = None,
        held: Mapping[int, Mapping[str, Json]] | None = None,
    ) -> None:
        self._reader = reader
        self._variables = dict(variables or {})
        self._held = dict(held or {})
        self._records: dict[int, Record | None] = {}

    def read(self, things: Sequence[Ref], attribute: str) -> Mapping[Ref, Value]:
        """See ``Store.read``."""
        found: dict[Ref, Value] = {}
        for kind, read in ((RECORD, self._of_records), (ACCOUNT, self._of_people), (TEAM, self._of_teams)):
            numbers = [each.id for each in things if each.kind == kind]
            if numbers:
                found |= {Ref(kind, number): value for number, value in read(numbers, attribute).items()}
        return found

    def template_of(self, thing: Ref) -> str | None:
        """Return the template of a record that was read."""
        record = self._records.get(thing.id) if thing.kind == RECORD else None
        return record.template.system_name if record else None

    def records_of(self, template: str) -> Sequence[Ref]:
        """See ``Store.records_of``."""
        if template in _PEOPLE:
            model = _PEOPLE[template]
            return self._refs(template, select(model.id).where(model.is_active.is_(True)).order_by(model.id))
        ours = Record.template_id == self._template(template).id
        return self._refs(
            RECORD, select(Record.id).where(ours, IS_ALIVE, *self._may_see()).order_by(Record.id)
        )

    def leading_to(
        self, template: str, attribute: str, targets: Sequence[Ref]
    ) -> Mapping[Ref, Sequence[Ref]]:
        """See ``Store.leading_to``."""
        known = self._attribute(self._template(template), attribute)
        kind = known.typed.kind.name
        numbers = [each.id for each in targets if each.kind == kind]
        if kind not in _LINKS or not numbers:
            return {}
        found: dict[Ref, list[Ref]] = {}
        for some in _pieces(numbers):
            for target, record in db.session.execute(self._leading(known, some)):
                found.setdefault(Ref(kind, target), []).append(Ref(RECORD, record))
        return found

    def variable(self, name: str) -> Value:
        """See ``Store.variable``."""
        if name not in self._variables:
            raise UnknownName(name, sorted(self._variables), Named.VARIABLE)
        return self._variables[name]

    def _of_records(self, numbers: Sequence[int], attribute: str) -> Mapping[int, Value]:
        self._load([number for number in numbers if number not in self._records])
        records = [record for number in numbers if (record := self._records.get(number)) is not None]
        return {record.id: self._value(record, attribute) for record in records}

    def _value(self, record: Record, name: str) -> Value:
        held = self._held.get(record.id, {})
        if name in held:
            is_status = name == STATUS
            value = held[name] if is_status else record.template.attribute(name).typed.from_json(held[name])
        elif name in OF_RECORDS:
            return OF_RECORDS[name].read(record)
        else:
            value = _now(record, name)
        return _as_value(record, name, value)

    def _load(self, numbers: Sequence[int]) -> None:
        self._records.update(dict.fromkeys(numbers))
        for some in _pieces(numbers):
            query = select(Record).where(Record.id.in_(some), *self._may_see())
            for record in db.session.scalars(query.options(selectinload(Record.links))):
                self._records[record.id] = record

    def _of_people(self, numbers: Sequence[int], attribute: str) -> Mapping[int, Value]:
        if attribute not in OF_PEOPLE and attribute not in PRIVATE:
            raise UnknownName(attribute, sorted({*OF_PEOPLE, *PRIVATE}))
        people = _all(Account, numbers)
        if attribute in OF_PEOPLE:
            return {account.id: OF_PEOPLE[attribute].read(account) for account in people}
        return {account.id: PRIVATE[attribute].read(account) for account in people if self._may_know(account)}

    def _may_know(self, account: Account) -> bool:
        return self._reader is None or self._reader.is_staff or self._reader.id == account.id

    def _of_teams(self, numbers: Sequence[int], attribute: str) -> Mapping[int, Value]:
        if attribute not in OF_TEAMS:
            raise UnknownName(attribute, sorted(OF_TEAMS))
        return {team.id: OF_TEAMS[attribute].read(team) for team in _all(Team, numbers)}

    def _may_see(self) -> tuple[ColumnElement[bool], ...]:
        return () if self._reader is None else (visible_to(self._reader),)

    def _template(self, name: str) -> RecordTemplate:
        return template_named(name)

    def _attribute(self, template: RecordTemplate, name: str) -> Attribute:
        try:
            return template.attribute(name)
        except KeyError:
            raise UnknownName(name, names_of(template)) from None

    def _leading(self, attribute: Attribute, numbers: Sequence[int]) -> Any:  # noqa: ANN401 - a query of pairs
        alive: list[Any] = [Record.template_id == attribute.template_id, IS_ALIVE, *self._may_see()]
        if attribute.column_name:
            column = getattr(Record, attribute.column_name)
            return select(column, Record.id).where(column.in_(numbers), *alive).order_by(Record.id)
        is_account = attribute.typed.kind.links_to == ACCOUNT
        target = RecordLink.target_account_id if is_account else RecordLink.target_record_id
        ours = (
            RecordLink.attribute_id == attribute.id,
            target.in_(numbers),
            Record.id == RecordLink.record_id,
        )
        return select(target, Record.id).where(*ours, *alive).order_by(Record.id)

    def _refs(self, kind: str, query: Any) -> Sequence[Ref]:  # noqa: ANN401 - a query of numbers
        numbers = db.session.scalars(query.limit(MOST_RECORDS + 1)).all()
        if len(numbers) > MOST_RECORDS:
            raise TooMany
        return [Ref(kind, number) for number in numbers]


def template_named(name: str) -> RecordTemplate:
    """Return a record template. Raises UnknownName."""
    template = get_template(name) if is_storable(name) else None
    if template is None:
        in_use = select(RecordTemplate.system_name).where(RecordTemplate.is_retired.is_(False))
        raise UnknownName(name, sorted(db.session.scalars(in_use)), Named.TEMPLATE)
    return template


def names_of(template: RecordTemplate) -> list[str]:
    """Return what a formula may name of the template's records."""
    return sorted({*OF_RECORDS, STATUS, *(each.system_name for each in template.live_attributes)})


def _now(record: Record, name: str) -> Any:  # noqa: ANN401 - of the attribute's kind
    try:
        return record[name]
    except KeyError:
        raise UnknownName(name, names_of(record.template)) from None


def _as_value(record: Record, name: str, value: Any) -> Value:  # noqa: ANN401 - of the attribute's kind
    kind = STATUS if name == STATUS else record.template.attribute(name).typed.kind.name
    if kind not in _LINKS:
        return tuple(value) if isinstance(value, list) else value
    return tuple(Ref(kind, each) for each in value) if isinstance(value, list) else ref(kind, value)


def _all(model: Any, numbers: Sequence[int]) -> Iterable[Any]:  # noqa: ANN401 - a table with an id
    for some in _pieces(numbers):
        yield from db.session.scalars(select(model).where(model.id.in_(some)))


def _pieces(numbers: Collection[int]) -> Iterable[list[int]]:
    listed = list(dict.fromkeys(numbers))
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))
