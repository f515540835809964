"""What a row waits for, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from webapp.desk.record_templates.models import RecordTemplate
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction

Find = Callable[[str], str | None]


def describe(row: EventAction, name: str, language: str, template: RecordTemplate | None) -> str:
    """Return one of the row's triggers as a piece of a sentence; one without words speaks for itself."""
    words = catalogue.words(language)
    value = ", ".join(_words_of(name, row.when[name], language, template))
    return words.triggers.get(name, "{value}").replace("{value}", value)


def describe_all(row: EventAction, language: str, template: RecordTemplate | None) -> list[str]:
    """Return everything that the row waits for."""
    return [describe(row, name, language, template) for name in row.when]


def _words_of(trigger: str, value: Any, language: str, template: RecordTemplate | None) -> Iterator[str]:  # noqa: ANN401 - as the catalogue says
    finders = _finders(trigger, language, template)
    for each in value if isinstance(value, list) else [value]:
        yield next((found for find in finders if (found := find(str(each)))), str(each))


def _finders(trigger: str, language: str, template: RecordTemplate | None) -> list[Find]:
    """Where the name of a value is looked for: the same word may name a status, a field and a role."""
    words = catalogue.words(language)
    statuses = {one.system_name: one.label(language) for one in template.statuses} if template else {}
    fields = {one.system_name: one.label(language) for one in template.attributes} if template else {}
    every: list[Find] = [fields.get, words.roles.get, words.trigger_values.get, statuses.get]
    first: Find = statuses.get if trigger.startswith("status") else fields.get
    return [words.roles.get if trigger == "by" else first, *every]
