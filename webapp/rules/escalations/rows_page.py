"""Writes the table of all escalation rules into the manual, from the catalogue.

Run ``python -m webapp.rules.escalations.rows_page`` after changing the catalogue.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from webapp.manual import MadePart, manual, table, write
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.moment_words import in_words
from webapp.rules.event_actions.moments import Moment
from webapp.rules.event_actions.rows_page import channels_of, people_of

HEADS: Final = {
    "ru": ("Объект", "Название", "Когда срабатывает", "Кому", "Каналы"),
    "en": ("About", "Name", "Fires", "Told", "Channels"),
}


def rows(language: str) -> str:
    """Return the table of all rules in the language."""
    rules = ((row, row.moment) for row in catalogue.rows() if row.moment is not None)
    return table(HEADS[language], (_row(row, moment, language) for row, moment in rules))


def _row(row: EventAction, moment: Moment, language: str) -> tuple[str, ...]:
    words = catalogue.words(language)
    about, name, when = words.topics[row.topic], words.names[row.code], in_words(moment, language)
    return about, name, when, people_of(row, language), channels_of(row, language)


PARTS: Final = [MadePart(manual(each, "escalation.md"), "rows", partial(rows, each)) for each in HEADS]

if __name__ == "__main__":
    write(PARTS)
