"""The catalogue of predicates: words, facts and examples of TOML files, checked at load."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from webapp.languages.formulas.catalogue import CatalogueError
from webapp.languages.n3.predicates import shapes
from webapp.languages.n3.predicates.registry import CODE, Make

FOLDER: Final = Path(__file__).parent / "predicates"
#: In the order in which they are shown. Those that need code of their own have a module beside their words.
GROUPS: Final = (
    "records", "people", "documents", "tasks", "wishes", "blocks", "lists", "comparisons", "numbers", "texts",
    "moments", "working_time", "empty",
)  # fmt: skip
_FACTS: Final = frozenset({
    "subject", "object", "binds", "blocks", "also", "function", "reads", "like", "ru", "en", "examples",
})  # fmt: skip
_LIKE: Final = {
    "ru": "Как %s, но пустое в субъекте даёт пустой объект.",
    "en": "As %s, but what is empty in the subject makes the object empty.",
}


class Binds(StrEnum):
    """Which side of a triple may be a variable without a value, which gets one then."""

    OBJECT = "object"
    SUBJECT = "subject"
    EITHER = "either"
    NOTHING = "nothing"


class Blocks(StrEnum):
    """For predicates of blocks: whether the variables of the block have values behind it."""

    KEPT = "kept"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Example:
    """Statements, and the value that a Russian reader in UTC+03:00 sees.

    Without ``?value`` they are a condition, and the value says whether it holds.
    """

    statements: str
    value: str


@dataclass(frozen=True)
class Predicate:
    """One predicate of the dialect. ``subject`` and ``object`` are as people write them."""

    name: str
    group: str
    subject: str
    object: str
    binds: Binds
    blocks: Blocks | None
    also: tuple[str, ...]
    words: Mapping[str, str]
    examples: tuple[Example, ...]
    make: Make

    @property
    def written(self) -> str:
        """The whole triple, as people write it."""
        return f"{self.subject} {self.name.replace('*', 'NAME')} {self.object}"


@cache
def predicates() -> Mapping[str, Predicate]:
    """Return all predicates by each of their names, "namespace:name". Raises CatalogueError."""
    for group in GROUPS:
        if (FOLDER / f"{group}.py").exists():
            import_module(f"webapp.languages.n3.predicates.{group}")
    rows = {name: (group, row) for group in GROUPS for name, row in _read(group).items()}
    found = [_predicate(name, group, row, rows) for name, (group, row) in rows.items()]
    if nameless := sorted(CODE.keys() - rows.keys()):
        raise CatalogueError(f"no words for the predicate {nameless[0]}")
    return dict(_by_names(found))


def find(name: str) -> Predicate | None:
    """Return a predicate by its name; a variable of the scenario may have any."""
    return predicates().get("variable:*" if name.startswith("variable:") else name)


def _by_names(found: list[Predicate]) -> Iterator[tuple[str, Predicate]]:
    known: set[str] = set()
    for each in found:
        for name in (each.name, *each.also):
            if name in known:
                raise CatalogueError(f"there are two predicates {name}")
            known.add(name)
            yield name, each


def _read(group: str) -> dict[str, dict[str, Any]]:
    with (FOLDER / f"{group}.toml").open("rb") as file:
        return tomllib.load(file)


def _predicate(
    name: str, group: str, row: dict[str, Any], rows: Mapping[str, tuple[str, dict[str, Any]]]
) -> Predicate:
    try:
        if strange := row.keys() - _FACTS:
            raise KeyError(*strange)
        model = row.get("like")
        base = rows[model][1] if model else {}
        words = {language: text % model for language, text in _LIKE.items()} if model else {}
        known = {**base, "also": [], **words, **row}
        return Predicate(
            name, group, known["subject"], known["object"], Binds(known.get("binds", "object")),
            Blocks(known["blocks"]) if "blocks" in known else None, tuple(known["also"]),
            {language: known[language] for language in ("ru", "en")},
            tuple(Example(*each) for each in known["examples"]), _make(name, model, known),
        )  # fmt: skip
    except (KeyError, ValueError, TypeError) as error:
        raise CatalogueError(f"{group}.toml: {name}: {error!r}") from error


def _make(name: str, model: str | None, facts: Mapping[str, Any]) -> Make:
    """Return what does the work: code of its own, or what the facts say that it is."""
    if model is not None:
        return shapes.nullable(_make(model, None, facts))
    if "reads" in facts:
        return shapes.reading(facts["reads"])
    if "function" in facts:
        written = f"{facts['subject']} {name} {facts['object']}"
        is_test = facts.get("binds") == Binds.NOTHING
        return shapes.calling(facts["function"], name, written, is_test=is_test)
    return CODE[name]
