"""Writes the tables of all functions into the manual, from the catalogue.

Run ``python -m webapp.languages.formulas.functions_page`` after changing the catalogue.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from webapp.languages.formulas.catalogue import GROUPS, Example, Function, functions
from webapp.manual import MadePart, manual, table, write

HEADS: Final = {"ru": ("Функция", "Что делает", "Пример"), "en": ("Function", "What it does", "Example")}
NAMES: Final = {
    "ru": {
        "literals": "Значения", "numbers": "Числа", "comparisons": "Сравнения", "logic": "Условия",
        "lists": "Списки", "system": "Записи и люди", "texts": "Строки", "moments": "Дата и время",
        "periods": "Начало и конец", "durations": "Длительность", "working_time": "Рабочее время",
    },
    "en": {
        "literals": "Values", "numbers": "Numbers", "comparisons": "Comparisons", "logic": "Conditions",
        "lists": "Lists", "system": "Records and people", "texts": "Texts", "moments": "Dates and times",
        "periods": "Beginnings and ends", "durations": "Durations", "working_time": "Working time",
    },
}  # fmt: skip


def tables(language: str) -> str:
    """Return a table for each group of functions."""
    return "\n".join(_table(group, language) for group in GROUPS)


def _table(group: str, language: str) -> str:
    rows = (_row(function, language) for function in functions().values() if function.group == group)
    return f"### {NAMES[language][group]}\n\n{table(HEADS[language], rows)}\n"


def _row(function: Function, language: str) -> tuple[str, str, str]:
    return f"`{function.signature}`", function.words[language], _shown(function.examples[0])


def _shown(example: Example) -> str:
    formula, value = (text.replace("|", "\\|") for text in (example.formula, example.value))
    return f"`{formula}` → `{value}`"


PARTS: Final = [MadePart(manual(each, "formulas.md"), "functions", partial(tables, each)) for each in HEADS]

if __name__ == "__main__":
    write(PARTS)
