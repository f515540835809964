"""Reads a record template from a TOML file and says exactly what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from webapp.languages.values import KINDS, BadOption, BadValue, Reader, Typed

SYSTEM_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LANGUAGES = ("en", "ru")
AUDIENCES = ("everyone", "staff", "participants")
CREATORS = ("everyone", "staff", "technologist")
EDITORS = ("participants", "staff", "technologist", "nobody")
STATUS_KINDS = ("new", "open", "paused", "done", "cancelled")
MOVERS = ("staff", "technologist", "author", "requester", "assignee", "observer", "team")
#: Values of these attributes lie in columns of the record, so that lists and rights are quick.
COLUMNS = {
    "title": "text",
    "author_id": "account",
    "requester_id": "account",
    "requester_address": "text",
    "assignee_id": "account",
    "team_id": "team",
    "parent_id": "record",
    "priority": "choice",
}
#: Words that forms and addresses of lists use for themselves.
RESERVED = frozenset(
    {"status", "q", "part", "sort", "cursor", "id", "number", "created", "touched", "csrf_token", "comment"}
)
Checked = TypeVar("Checked")


class TemplateError(ValueError):
    """A template file cannot be used; the text says where and why."""


@dataclass(frozen=True)
class AttributeEntry:
    """One attribute as the file has it."""

    system_name: str
    kind: str
    names: dict[str, str]
    hints: dict[str, str]
    column: str | None
    is_many: bool
    is_required: bool
    is_unique: bool
    is_listed: bool
    editable_by: str
    default: str | None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusEntry:
    """One status as the file has it."""

    system_name: str
    kind: str
    names: dict[str, str]


@dataclass(frozen=True)
class MoveEntry:
    """One allowed move as the file has it, from one status to one other."""

    from_status: str
    to_status: str
    names: dict[str, str]
    roles: tuple[str, ...]
    needs_comment: bool


@dataclass(frozen=True)
class TemplateEntry:
    """A whole template as the file has it."""

    system_name: str
    names: dict[str, str]
    singular: dict[str, str]
    icon: str
    audience: str
    created_by: str
    position: int
    list_columns: tuple[str, ...] | None
    fixed: tuple[str, ...]
    roles: tuple[str, ...]
    create_label: dict[str, str]
    attributes: tuple[AttributeEntry, ...]
    statuses: tuple[StatusEntry, ...]
    moves: tuple[MoveEntry, ...]


def read_template(path: Path) -> TemplateEntry:
    """Return the template in the file. Raises TemplateError."""
    try:
        table = _Table(path.name, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name}: {error}") from None
    template = TemplateEntry(
        system_name=table.system_name(),
        names=table.names("names"),
        singular=table.names("singular"),
        icon=table.take("icon", str, "file"),
        audience=table.one_of("audience", AUDIENCES, "participants"),
        created_by=table.one_of("created_by", CREATORS, "staff"),
        position=table.take("position", int, 100),
        list_columns=_list_columns(table.take("list_columns", list, None)),
        fixed=_words(table.take("fixed", list, [])),
        roles=_words(table.take("roles", list, [])),
        create_label=table.names("create_label", is_needed=False),
        attributes=tuple(_attribute(each) for each in table.tables("attributes")),
        statuses=tuple(_status(each) for each in table.tables("statuses")),
        moves=tuple(move for each in table.tables("moves") for move in _moves(each)),
    )
    table.finish()
    _check_whole(path.name, template)
    return template


class _Table:
    """A TOML table that knows where it stands and which of its keys were read."""

    def __init__(self, place: str, content: dict[str, Any]) -> None:
        self.place = place
        self.content = dict(content)
        self.known: list[str] = []

    def take(self, name: str, kind: type[Checked], default: Any = ...) -> Checked:  # noqa: ANN401 - of the kind
        """Return the value of the key, which must be of the kind; without a default the key must be there."""
        self.known.append(name)
        if name not in self.content and default is ...:
            raise TemplateError(f"{self.place}: {name} is missing")
        value = self.content.pop(name, default)
        if value is not default and type(value) is not kind:
            raise TemplateError(f"{self.place}: {name} must be {kind.__name__}, not {type(value).__name__}")
        return value  # type: ignore[no-any-return] # checked the line above

    def system_name(self) -> str:
        """Return the key system_name."""
        name = self.take("system_name", str)
        if not SYSTEM_NAME.fullmatch(name):
            raise TemplateError(
                f"{self.place}: the system name {name!r} must be made of a-z, 0-9 and _, at most 40"
            )
        self.place = f"{self.place}: {name}"
        return name

    def names(self, name: str, *, is_needed: bool = True) -> dict[str, str]:
        """Return a text in every language."""
        texts = self.take(name, dict, ... if is_needed else {})
        if not texts and not is_needed:
            return {}
        if set(texts) != set(LANGUAGES) or not all(isinstance(text, str) and text for text in texts.values()):
            raise TemplateError(f"{self.place}: {name} needs a text in each of: {', '.join(LANGUAGES)}")
        return dict(texts)

    def one_of(self, name: str, allowed: tuple[str, ...], default: Any = ...) -> str:  # noqa: ANN401 - a text
        """Return a word out of a few."""
        word = self.take(name, str, default)
        if word not in allowed:
            raise TemplateError(f"{self.place}: {name} is {word!r}{_nearest(word, allowed)}")
        return word

    def tables(self, name: str) -> list[_Table]:
        """Return the tables of an array of tables."""
        rows = self.take(name, list, [])
        if not all(isinstance(row, dict) for row in rows):
            raise TemplateError(f"{self.place}: {name} must be written as [[{name}]]")
        return [_Table(f"{self.place}: {name}[{number}]", row) for number, row in enumerate(rows, 1)]

    def finish(self) -> None:
        """Refuse keys that nobody read: they are typing errors."""
        for name in self.content:
            raise TemplateError(f"{self.place}: unknown key {name!r}{_nearest(name, self.known)}")


def _list_columns(names: list[Any] | None) -> tuple[str, ...] | None:
    return None if names is None else _words(names)


def _words(names: list[Any]) -> tuple[str, ...]:
    return tuple(str(name) for name in names)


def _attribute(table: _Table) -> AttributeEntry:
    entry = AttributeEntry(
        system_name=table.system_name(),
        kind=table.one_of("kind", tuple(KINDS)),
        names=table.names("names"),
        hints=table.names("hints", is_needed=False),
        column=table.take("column", str, None),
        is_many=table.take("is_many", bool, False),
        is_required=table.take("is_required", bool, False),
        is_unique=table.take("is_unique", bool, False),
        is_listed=table.take("is_listed", bool, False),
        editable_by=table.one_of("editable_by", EDITORS, "participants"),
        default=table.take("default", str, None),
        options=table.take("options", dict, {}),
    )
    table.finish()
    _check_attribute(table.place, entry)
    return entry


def _status(table: _Table) -> StatusEntry:
    entry = StatusEntry(table.system_name(), table.one_of("kind", STATUS_KINDS), table.names("names"))
    table.finish()
    return entry


def _moves(table: _Table) -> list[MoveEntry]:
    starts = table.take("from", list)
    goal = table.take("to", str)
    names = table.names("names")
    roles = tuple(table.take("roles", list))
    needs_comment = table.take("needs_comment", bool, False)
    table.finish()
    for role in roles:
        if role not in MOVERS:
            raise TemplateError(f"{table.place}: the role {role!r} is not known{_nearest(str(role), MOVERS)}")
    return [MoveEntry(str(start), goal, names, roles, needs_comment) for start in starts]


def _check_attribute(place: str, entry: AttributeEntry) -> None:
    if entry.system_name in RESERVED:
        raise TemplateError(f"{place}: pages use this name themselves; choose another one")
    if entry.column is not None and COLUMNS.get(entry.column) != entry.kind:
        raise TemplateError(f"{place}: the column {entry.column!r} cannot hold the kind {entry.kind!r}")
    if entry.column == "priority" and not all(
        each["name"].isdigit() for each in entry.options.get("choices", [])
    ):
        raise TemplateError(f"{place}: choices in the column priority are named by numbers")
    if entry.is_many and (entry.column or entry.is_unique):
        raise TemplateError(f"{place}: an attribute with many values has no column and is not unique")
    typed = Typed(KINDS[entry.kind], entry.is_many, entry.options)
    if entry.is_unique and not typed.kind.is_sortable:
        raise TemplateError(f"{place}: values of the kind {entry.kind!r} cannot be unique")
    try:
        typed.kind.check_options(entry.options)
        if entry.default and not typed.kind.links_to:
            typed.parse([entry.default], Reader())
    except (BadOption, BadValue) as error:
        raise TemplateError(f"{place}: {error}") from None


def _check_whole(place: str, template: TemplateEntry) -> None:
    _refuse_repeats(place, "attributes", [each.system_name for each in template.attributes])
    _refuse_repeats(place, "columns", [each.column for each in template.attributes if each.column])
    _refuse_repeats(place, "statuses", [each.system_name for each in template.statuses])
    _refuse_repeats(place, "moves", [(each.from_status, each.to_status) for each in template.moves])
    title = next((each for each in template.attributes if each.column == "title"), None)
    if title is None or not title.is_required or title.editable_by == "nobody":
        raise TemplateError(f'{place}: a template needs one required attribute with column = "title"')
    listed = [each.system_name for each in template.attributes if each.is_listed]
    _refuse_repeats(place, "list_columns", list(template.list_columns or ()))
    for name in template.list_columns or ():
        if name not in listed:
            raise TemplateError(f"{place}: list_columns: {name!r} is not listed{_nearest(name, listed)}")
    attributes = tuple(each.system_name for each in template.attributes)
    for name in template.fixed:
        if name not in attributes:
            raise TemplateError(f"{place}: fixed: there is no {name!r}{_nearest(name, attributes)}")
    statuses = tuple(each.system_name for each in template.statuses)
    for move in template.moves:
        for name in (move.from_status, move.to_status):
            if name not in statuses:
                raise TemplateError(f"{place}: moves: there is no status {name!r}{_nearest(name, statuses)}")
        if move.from_status == move.to_status:
            raise TemplateError(f"{place}: moves: {move.to_status} leads to itself")


def _refuse_repeats(place: str, what: str, names: list[Any]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise TemplateError(f"{place}: {what}: {name} is there twice")


def _nearest(word: str, words: tuple[str, ...] | list[str]) -> str:
    close = get_close_matches(word, words, 1)
    return f" (did you mean {close[0]!r}?)" if close else f"; it must be one of: {', '.join(words)}"
