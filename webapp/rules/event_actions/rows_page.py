"""Writes the table of all event actions into the manual, from the catalogue.

Run ``python -m webapp.rules.event_actions.rows_page`` after changing the catalogue.
"""

from __future__ import annotations

from pathlib import Path

from webapp.messaging.messages.orders import Channel
from webapp.rules.audience import ELSE
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "manual"
START, END = "<!-- rows -->\n", "<!-- /rows -->\n"

WORDS = {
    "ru": {
        "head": "| Объект | Событие | Название | Кому | Каналы |",
        "else": "{first}, иначе {second}",
        Channel.EMAIL: "E-mail",
        Channel.PUSH: "Пуш",
    },
    "en": {
        "head": "| About | Event | Name | Told | Channels |",
        "else": "{first}, else {second}",
        Channel.EMAIL: "E-mail",
        Channel.PUSH: "Push",
    },
}


def page(language: str) -> Path:
    """Return the manual's page about event actions in the language."""
    return MANUAL / language / "event-actions.md"


def renewed(text: str, language: str) -> str:
    """Return the text of the page with its table made anew."""
    before, _start, rest = text.partition(START)
    _old, _end, after = rest.partition(END)
    return f"{before}{START}{table(language)}\n{END}{after}"


def table(language: str) -> str:
    """Return the table of all rows in the language."""
    rows = [_row(row, language) for row in catalogue.rows()]
    return "\n".join([WORDS[language]["head"], "|---|---|---|---|---|", *rows])


def _row(row: EventAction, language: str) -> str:
    words = catalogue.words(language)
    people = "; ".join(_people(expression, language) for expression in row.to)
    channels = ", ".join(WORDS[language][channel] for channel in row.channels)
    cells = (words.topics[row.topic], words.groups[row.group], words.names[row.code], people, channels)
    return f"| {' | '.join(cells)} |"


def _people(expression: str, language: str) -> str:
    first, _sign, second = expression.partition(ELSE)
    roles = catalogue.words(language).roles
    if not second:
        return roles[first]
    return WORDS[language]["else"].format(first=roles[first], second=roles[second])


if __name__ == "__main__":
    for each in WORDS:
        page(each).write_text(renewed(page(each).read_text(encoding="utf-8"), each), encoding="utf-8")
