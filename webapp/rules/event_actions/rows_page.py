"""Writes the table of all event actions into the manual, from the catalogue.

Run ``python -m webapp.rules.event_actions.rows_page`` after changing the catalogue.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from webapp.manual import MadePart, manual, table, write
from webapp.messaging.messages.orders import Channel
from webapp.rules.audience import ELSE
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction

HEADS: Final = {
    "ru": ("Объект", "Событие", "Название", "Кому", "Каналы"),
    "en": ("About", "Event", "Name", "Told", "Channels"),
}
WORDS = {
    "ru": {
        "else": "{first}, иначе {second}",
        Channel.EMAIL: "E-mail",
        Channel.PUSH: "Пуш",
    },
    "en": {
        "else": "{first}, else {second}",
        Channel.EMAIL: "E-mail",
        Channel.PUSH: "Push",
    },
}


def rows(language: str) -> str:
    """Return the table of all rows in the language, but for those that time sets off."""
    shown = (row for row in catalogue.rows() if row.moment is None)
    return table(HEADS[language], (_row(row, language) for row in shown))


def _row(row: EventAction, language: str) -> tuple[str, ...]:
    words = catalogue.words(language)
    about, event, name = words.topics[row.topic], words.groups[row.group], words.names[row.code]
    return about, event, name, people_of(row, language), channels_of(row, language)


def people_of(row: EventAction, language: str) -> str:
    """Return whom the row tells, in words."""
    return "; ".join(_people(expression, language) for expression in row.to)


def channels_of(row: EventAction, language: str) -> str:
    """Return by which channels the row tells them, in words."""
    return ", ".join(WORDS[language][channel] for channel in row.channels)


def _people(expression: str, language: str) -> str:
    first, _sign, second = expression.partition(ELSE)
    roles = catalogue.words(language).roles
    if not second:
        return roles[first]
    return WORDS[language]["else"].format(first=roles[first], second=roles[second])


PARTS: Final = [MadePart(manual(each, "event-actions.md"), "rows", partial(rows, each)) for each in HEADS]

if __name__ == "__main__":
    write(PARTS)
