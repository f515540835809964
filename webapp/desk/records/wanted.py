"""What the address of a list asks for: filters, an order, words to search for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.languages.values import BadValue, Reader
from webapp.languages.values.texts import cleaned

LONGEST_SEARCH = 200
NOTHING = "none"
MYSELF = "me"
EVERY_STATUS = "all"
#: Groups of statuses by the kinds of statuses in them.
STATUS_GROUPS = {
    "open": ("new", "open", "paused"),
    "waiting": ("paused",),
    "done": ("done", "cancelled"),
}
#: "Mine" in its several senses, by roles in the record; ``team`` is resolved by the record's team.
PARTS = {
    "assigned": ("assignee",),
    "requested": ("requester", "author"),
    "observed": ("observer",),
    "awaited": ("voter",),
    "team": (),
}
DEFAULT_SORT = "-touched"


class BadFilter(ValueError):
    """The address asks for a filter or an order that the list does not have."""


@dataclass(frozen=True)
class Wanted:
    """What an address asks of a list."""

    status: str = ""
    part: str = ""
    q: str = ""
    sort: str = DEFAULT_SORT
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return bool(self.part or self.q or self.values or self.status)

    def in_address(self) -> dict[str, str]:
        """Return the query of the address that asks for this, without what goes without saying."""
        sort = "" if self.sort == DEFAULT_SORT else self.sort
        asked = {"status": self.status, "part": self.part, "q": self.q, "sort": sort, **self.values}
        return {name: text for name, text in asked.items() if text}


def role_of(template: RecordTemplate, part: str) -> str | None:
    """Return the role that the part means in the template's records: where nobody asks, the author does."""
    given = {"observer", *template.roles, *(each.options.get("role") for each in template.live_attributes)}
    return next((role for role in PARTS[part] if role in given), None)


def read_wanted(template: RecordTemplate, arguments: Mapping[str, str]) -> Wanted:
    """Return what the query of an address asks for. Raises BadFilter."""
    wanted = Wanted(
        status=_one_of(arguments.get("status", ""), _statuses(template)),
        part=_one_of(arguments.get("part", ""), PARTS),
        q=search_text(arguments.get("q", "")),
        sort=_one_of(arguments.get("sort") or DEFAULT_SORT, sorts_of(template)),
        values={
            each.system_name: arguments[each.system_name]
            for each in filters_of(template)
            if arguments.get(each.system_name)
        },
    )
    for name, text in wanted.values.items():
        filter_value(template.attribute(name), text)
    return wanted


def search_text(typed: str) -> str:
    """Return what was typed into a search, short enough to search for. Raises BadFilter."""
    try:
        return " ".join(cleaned(typed[:LONGEST_SEARCH]).split())
    except BadValue as error:
        raise BadFilter(str(error)) from None


def filters_of(template: RecordTemplate) -> list[Attribute]:
    """Return the attributes by which the list can be filtered."""
    return [each for each in template.live_attributes if each.is_filter]


def sorts_of(template: RecordTemplate) -> list[str]:
    """Return every order that the list has; a minus in front turns it round."""
    names = [
        "touched",
        "number",
        *(each.system_name for each in template.live_attributes if each.is_sortable),
    ]
    return [f"{sign}{name}" for name in names for sign in ("", "-")]


def filter_value(attribute: Attribute, text: str) -> Any:  # noqa: ANN401 - of the attribute's kind
    """Return the value that a filter asks for, None for "without". Raises BadFilter."""
    if text == NOTHING or (text == MYSELF and attribute.kind == "account"):
        return None
    try:
        return attribute.typed.kind.parse(text, attribute.options, Reader(name_of=_any_name))
    except BadValue as error:
        raise BadFilter(f"{attribute.system_name}: {error}") from None


def _any_name(_kind: str, _thing_id: int) -> str:
    """Let a filter ask for any id: one that is not there finds nothing, which tells nothing."""
    return "?"


def _statuses(template: RecordTemplate) -> list[str]:
    return ["", EVERY_STATUS, *STATUS_GROUPS, *(status.system_name for status in template.statuses)]


def _one_of(word: str, allowed: Mapping[str, Any] | Sequence[str]) -> str:
    if word and word not in allowed:
        raise BadFilter(f"{word[:40]!r} is none of: {', '.join(filter(None, allowed))}")
    return word
