"""Writes predicates, namespaces and sample programs into the manual, from their data.

Run ``python -m webapp.languages.n3.predicates_page`` after changing them.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from webapp.languages.n3.catalogue import GROUPS, Example, Predicate, predicates
from webapp.languages.n3.namespaces import NAMESPACES
from webapp.languages.n3.samples import samples
from webapp.manual import MadePart, manual, table, write

HEADS: Final = {"ru": ("Предикат", "Что делает", "Пример"), "en": ("Predicate", "What it does", "Example")}
PREFIX_HEADS: Final = {"ru": ("Префикс", "Пространство имён"), "en": ("Prefix", "Namespace")}
ALSO: Final = {"ru": "Также", "en": "Also"}
NAMES: Final = {
    "ru": {
        "records": "Записи и шаблоны", "people": "Люди и команды", "documents": "Документы",
        "tasks": "Задачи", "wishes": "Что программа просит сделать", "blocks": "Блоки", "lists": "Списки",
        "comparisons": "Сравнения", "numbers": "Числа", "texts": "Строки", "moments": "Дата и время",
        "working_time": "Рабочее время", "empty": "С пустыми значениями",
    },
    "en": {
        "records": "Records and templates", "people": "People and teams", "documents": "Documents",
        "tasks": "Tasks", "wishes": "What a program asks to be done", "blocks": "Blocks", "lists": "Lists",
        "comparisons": "Comparisons", "numbers": "Numbers", "texts": "Texts", "moments": "Dates and times",
        "working_time": "Working time", "empty": "With empty values",
    },
}  # fmt: skip


def tables(language: str) -> str:
    """Return a table for each group of predicates."""
    return "\n".join(_table(group, language) for group in GROUPS)


def _table(group: str, language: str) -> str:
    ours = {each.name: each for each in predicates().values() if each.group == group}
    rows = (_row(each, language) for each in ours.values())
    return f"### {NAMES[language][group]}\n\n{table(HEADS[language], rows)}\n"


def _row(predicate: Predicate, language: str) -> tuple[str, str, str]:
    words = predicate.words[language]
    if predicate.also:
        words += f" {ALSO[language]} {', '.join(f'`{each}`' for each in predicate.also)}."
    return f"`{predicate.written}`", words, _shown(predicate.examples[0])


def _shown(example: Example) -> str:
    statements, value = (text.replace("|", "\\|") for text in (example.statements, example.value))
    return f"`{statements}` → `{value}`"


def namespaces(language: str) -> str:
    """Return the table of namespaces."""
    rows = [(f"`{name}:`", f"`<{iri}>`") for iri, name in NAMESPACES.items()]
    return f"{table(PREFIX_HEADS[language], rows)}\n"


def programs(language: str) -> str:
    """Return the sample programs with their titles."""
    return "\n".join(f"### {each.titles[language]}\n\n```turtle\n{each.text}```\n" for each in samples())


PARTS: Final = [
    MadePart(manual(language, "n3.md"), mark, partial(make, language))
    for language in HEADS
    for mark, make in [("predicates", tables), ("namespaces", namespaces), ("samples", programs)]
]

if __name__ == "__main__":
    write(PARTS)
