"""The catalogue of event actions and escalation rules: read from its data files, checked at load.

In this folder ``NAME.toml`` holds rows, ``NAME.LANGUAGE.toml`` words of rows; they are read as one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from webapp.core.locales import LANGUAGES
from webapp.messaging.messages.models import MessageClass
from webapp.messaging.messages.orders import Channel, MessageText
from webapp.messaging.messages.placeholders import names_in
from webapp.rules import scope
from webapp.rules.audience import ELSE, ROLES
from webapp.rules.event_actions.links import LINKS, SUBJECT
from webapp.rules.event_actions.moments import Moment
from webapp.rules.event_actions.triggers import TRIGGERS

FOLDER = Path(__file__).parent
BOTH_CHANNELS = (Channel.EMAIL, Channel.PUSH)

#: Tables of words that are taken as they stand.
SPOKEN = (
    "names", "moved_names", "moments", "groups", "topics", "roles", "why", "why_in", "sample", "labels",
    "placeholders", "triggers", "trigger_values",
)  # fmt: skip

#: Topics whose rows look at records, and the template of these records.
RECORD_TOPICS = {
    "ticket": "ticket",
    "task": "task",
    "approval": "approval",
    "comment": "ticket",
    "file": "ticket",
}


class CatalogueError(Exception):
    """A data file of the catalogue is wrong; says where and how."""


@dataclass(frozen=True, eq=False)
class EventAction:
    """One row of the catalogue; with a moment it is an escalation rule, which time sets off."""

    code: str
    topic: str
    group: str
    when: dict[str, Any] = field(default_factory=dict, kw_only=True)
    moment: Moment | None = field(default=None, kw_only=True)
    to: tuple[str, ...]
    text: str
    rank: int
    own: bool = False
    staff: bool = False
    fixed: bool = False
    everywhere: bool = False
    once_a_day: bool = False
    link: str = SUBJECT
    channels: tuple[Channel, ...] = BOTH_CHANNELS
    message_class: MessageClass = MessageClass.NOTICE

    @property
    def subject_type(self) -> str:
        """The kind of thing whose events the row looks at."""
        return "record" if self.topic in RECORD_TOPICS else self.topic

    @property
    def template(self) -> str | None:
        """The template of the records that the row looks at; None for all of them, or something else."""
        return None if self.everywhere else RECORD_TOPICS.get(self.topic)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose people the row may tell, in the order of the catalogue."""
        return tuple(role for expression in self.to for role in expression.split(ELSE))


@dataclass(frozen=True)
class Words:
    """The words of the catalogue in one language."""

    names: dict[str, str]
    moved_names: dict[str, str]
    moments: dict[str, Any]
    groups: dict[str, str]
    topics: dict[str, str]
    roles: dict[str, str]
    why: dict[str, str]
    why_in: dict[str, dict[str, str]]
    texts: dict[str, MessageText]
    sample: dict[str, str]
    labels: dict[str, str]
    placeholders: dict[str, str]
    triggers: dict[str, str]
    trigger_values: dict[str, str]

    def why_of(self, topic: str, role: str) -> str:
        """Return why somebody in the role is told of the topic."""
        return self.why_in.get(topic, {}).get(role) or self.why[role]


@cache
def rows() -> tuple[EventAction, ...]:
    """Return every row, by what it is about. Raises CatalogueError."""
    files = sorted(path for path in FOLDER.glob("*.toml") if "." not in path.stem)
    found = [_row(entry) for path in files for entry in _read(path)["row"]]
    _check(found)
    order = {topic: place for place, topic in enumerate(RECORD_TOPICS)}
    return tuple(sorted(found, key=lambda row: order.get(row.topic, len(order))))


@cache
def rows_about(subject_type: str, template: str | None) -> tuple[EventAction, ...]:
    """Return the rows that look at events of such a subject: of a record, at those of its template."""
    return tuple(
        one for one in rows() if one.subject_type == subject_type and one.template in {None, template}
    )


@cache
def escalations(template: str) -> tuple[EventAction, ...]:
    """Return the escalation rules for records of the template."""
    return tuple(one for one in rows() if one.moment and one.template == template)


@cache
def row(code: str) -> EventAction | None:
    """Return the row with this code."""
    return next((found for found in rows() if found.code == code), None)


@cache
def words(language: str) -> Words:
    """Return the words of the catalogue in ``language``. Raises CatalogueError."""
    data: dict[str, Any] = {}
    for path in sorted(FOLDER.glob(f"*.{language}.toml")):
        _put_together(data, _read(path))
    labels = data["labels"]
    texts = {name: _text(name, entry, labels) for name, entry in data["texts"].items()}
    return Words(texts=texts, **{name: data[name] for name in SPOKEN})


def _put_together(tables: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict):
            _put_together(tables.setdefault(name, {}), value)
        else:
            tables[name] = value


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _row(entry: dict[str, Any]) -> EventAction:
    known = dict(entry)
    if "moment" in known:
        known["moment"] = _moment(entry)
    known["to"] = tuple(known["to"])
    known["channels"] = tuple(Channel(name) for name in known.get("channels", BOTH_CHANNELS))
    known["message_class"] = MessageClass(known.pop("class", MessageClass.NOTICE))
    try:
        return EventAction(**known)
    except TypeError as error:
        raise CatalogueError(f"{entry.get('code')}: {error}") from None


def _moment(entry: dict[str, Any]) -> Moment:
    try:
        return Moment.from_data(entry["moment"])
    except (TypeError, ValueError) as error:
        raise CatalogueError(f"{entry.get('code')}: {error}") from None


def _text(name: str, entry: dict[str, Any], labels: dict[str, str]) -> MessageText:
    facts = entry.get("facts", [])
    unlabelled = [fact for fact in facts if fact not in labels]
    if unlabelled:
        raise CatalogueError(f"text {name}: no label for {', '.join(unlabelled)}")
    text = MessageText(
        subject=entry["subject"],
        lead=entry["lead"],
        facts=tuple((labels[fact], f"{{{fact}}}") for fact in facts),
        body=entry.get("body", ""),
        action=entry["action"],
        push_title=entry["push_title"],
        push_body=entry.get("push_body", ""),
    )
    unknown = names_used(text) - scope.NAMES
    if unknown:
        raise CatalogueError(f"text {name}: unknown placeholder {', '.join(sorted(unknown))}")
    return text


@lru_cache(maxsize=1024)
def names_used(text: MessageText) -> frozenset[str]:
    """Return every placeholder that a text names."""
    parts = (
        text.subject,
        text.lead,
        text.body,
        text.action,
        text.push_title,
        text.push_body,
        *(value for _label, value in text.facts),
    )
    return frozenset(name for part in parts for name in names_in(part))


def _check(found: Sequence[EventAction]) -> None:
    codes = [one.code for one in found]
    problems = [f"{code} stands twice" for code in codes if codes.count(code) > 1]
    for one in found:
        problems += [f"{one.code}: no trigger {name!r}" for name in one.when if name not in TRIGGERS]
        problems += [f"{one.code}: no link {one.link!r}"] if one.link not in LINKS else []
        problems += [f"{one.code}: no role {role!r}" for role in one.roles if role not in ROLES]
        for language in LANGUAGES:
            problems += _missing_words(one, words(language), language)
    if problems:
        raise CatalogueError("; ".join(problems))


def _missing_words(one: EventAction, spoken: Words, language: str) -> list[str]:
    wanted: tuple[tuple[Mapping[str, object], str], ...] = (
        (spoken.names, one.code),
        (spoken.groups, one.group),
        (spoken.topics, one.topic),
        (spoken.texts, one.text),
        *((spoken.roles, role) for role in one.roles),
    )
    return [f"{one.code}: no words in {language} for {name!r}" for table, name in wanted if name not in table]
