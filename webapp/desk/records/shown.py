"""Values in words: with the names of linked people, teams and records, as one reader may see them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from webapp.core.db import db
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.records.access import visible_to
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.models import Record
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account, Team


class Names:
    """Looks up names of linked things, each once. A record that the viewer may not see has no name."""

    def __init__(self, viewer: Account | None = None) -> None:
        self.viewer = viewer
        self.known: dict[tuple[str, int], str | None] = {}

    def __call__(self, kind: str, thing_id: int) -> str | None:
        """Return the name of one thing."""
        if (kind, thing_id) not in self.known:
            self.load(kind, {thing_id})
        return self.known[kind, thing_id]

    def load(self, kind: str, ids: Collection[int]) -> None:
        """Read many names at once."""
        missing = {each for each in ids if (kind, each) not in self.known}
        if missing:
            found = FINDERS[kind](missing, self.viewer)
            self.known |= {(kind, each): found.get(each) for each in missing}

    def load_for(self, records: Iterable[Record], attributes: Iterable[Attribute]) -> None:
        """Read the names that a list of records will show."""
        rows = list(records)
        for attribute in attributes:
            if attribute.kind in FINDERS:
                values = [each for row in rows for each in attribute.typed.each(row[attribute.system_name])]
                self.load(attribute.kind, set(values))


def reader_for(viewer: Account, language: str, zone: tzinfo) -> Reader:
    """Return the reader that the account is on a page in this language and zone."""
    return Reader(language, zone, Names(viewer))


def show(template: RecordTemplate, name: str, value: Any, reader: Reader) -> str:  # noqa: ANN401
    """Return a value in words: as the record holds it, or as an event keeps it (JSON)."""
    if value is None:
        return ""
    if name == STATUS:
        return template.status(value).label(reader.language)
    typed = template.attribute(name).typed
    is_held = any(isinstance(each, Decimal | date) for each in typed.each(value))
    return typed.show(value if is_held else typed.from_json(value), reader)


Found = dict[int, str]


def _accounts(ids: Collection[int], _viewer: Account | None) -> Found:
    return _pairs(select(Account.id, Account.name).where(Account.id.in_(ids)))


def _teams(ids: Collection[int], _viewer: Account | None) -> Found:
    return _pairs(select(Team.id, Team.name).where(Team.id.in_(ids)))


def _records(ids: Collection[int], viewer: Account | None) -> Found:
    query = select(Record.id, Record.title).where(Record.id.in_(ids))
    return _pairs(query if viewer is None else query.where(visible_to(viewer)))


def _pairs(query: Any) -> Found:  # noqa: ANN401 - a select of id and name
    return {row[0]: row[1] for row in db.session.execute(query)}


#: How the names of each kind of link are found.
FINDERS: dict[str, Callable[[Collection[int], Account | None], Found]] = {
    "account": _accounts,
    "team": _teams,
    "record": _records,
}
