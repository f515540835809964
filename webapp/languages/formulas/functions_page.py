"""Writes the tables of all functions into the manual, from the catalogue.

Run ``python -m webapp.languages.formulas.functions_page`` after changing the catalogue.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from webapp.languages.formulas.catalogue import GROUPS, Example, Function, functions

MANUAL: Final = Path(__file__).resolve().parents[3] / "docs" / "manual"
START, END = "<!-- functions -->\n", "<!-- /functions -->\n"

HEADS: Final = {"ru": "| Функция | Что делает | Пример |", "en": "| Function | What it does | Example |"}
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


def page(language: str) -> Path:
    """Return the manual's page about formulas in the language."""
    return MANUAL / language / "formulas.md"


def renewed(text: str, language: str) -> str:
    """Return the text of the page with its tables made anew."""
    before, _start, rest = text.partition(START)
    _old, _end, after = rest.partition(END)
    return f"{before}{START}\n{tables(language)}\n{END}{after}"


def tables(language: str) -> str:
    """Return a table for each group of functions."""
    return "\n".join(_table(group, language) for group in GROUPS)


def _table(group: str, language: str) -> str:
    rows = [_row(function, language) for function in functions().values() if function.group == group]
    return "\n".join([f"### {NAMES[language][group]}\n", HEADS[language], "|---|---|---|", *rows, ""])


def _row(function: Function, language: str) -> str:
    cells = (f"`{function.signature}`", function.words[language], _shown(function.examples[0]))
    return f"| {' | '.join(cells)} |"


def _shown(example: Example) -> str:
    formula, value = (text.replace("|", "\\|") for text in (example.formula, example.value))
    return f"`{formula}` → `{value}`"


if __name__ == "__main__":
    for each in HEADS:
        page(each).write_text(renewed(page(each).read_text(encoding="utf-8"), each), encoding="utf-8")
