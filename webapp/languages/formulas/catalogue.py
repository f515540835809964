"""The catalogue of functions: words and examples of the TOML files, checked against the code at load."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from webapp.languages.formulas.functions.registry import CODE, Code, Work
from webapp.languages.formulas.types import Parameter, Type, read_parameters
from webapp.languages.scope import Scope

FOLDER: Final = Path(__file__).parent / "functions"
#: In the order in which they are shown.
GROUPS: Final = (
    "literals", "numbers", "comparisons", "logic", "lists", "system", "texts", "moments", "periods",
    "durations", "working_time",
)  # fmt: skip
_IN_UTC: Final = {"ru": "Как %s, но по часам UTC+00:00.", "en": "As %s, but by the clock of UTC+00:00."}


class CatalogueError(Exception):
    """A data file of the catalogue is wrong; says where and how."""


@dataclass(frozen=True)
class Example:
    """A formula, and its value as a Russian reader in UTC+03:00 sees it."""

    formula: str
    value: str


@dataclass(frozen=True)
class Function:
    """One function of the language. ``gives`` is the type of its result."""

    name: str
    group: str
    parameters: tuple[Parameter, ...]
    gives: Type
    words: Mapping[str, str]
    examples: tuple[Example, ...]
    code: Code

    @property
    def signature(self) -> str:
        """The name with its arguments, as people write them."""
        return f"{self.name}({', '.join(map(_shown, self.parameters))})"

    @property
    def fewest(self) -> int:
        """How many arguments it needs."""
        return sum(not (each.is_optional or each.is_repeated) for each in self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it takes; None when there is no limit."""
        return None if any(each.is_repeated for each in self.parameters) else len(self.parameters)


@cache
def functions() -> Mapping[str, Function]:
    """Return all functions by their names. Raises CatalogueError."""
    for group in GROUPS:
        import_module(f"webapp.languages.formulas.functions.{group}")
    entries = {name: (group, entry) for group in GROUPS for name, entry in _read(group).items()}
    found = {name: _function(name, group, entry, entries) for name, (group, entry) in entries.items()}
    if nameless := sorted(CODE.keys() - found.keys()):
        raise CatalogueError(f"no words for the function {nameless[0]}")
    return found


def _read(group: str) -> dict[str, dict[str, Any]]:
    with (FOLDER / f"{group}.toml").open("rb") as file:
        return tomllib.load(file)


def _function(
    name: str, group: str, entry: dict[str, Any], entries: Mapping[str, tuple[str, dict[str, Any]]]
) -> Function:
    known, model = dict(entry), entry.get("utc_of")
    if model is not None:
        base = entries[model][1]
        words = {language: text % model for language, text in _IN_UTC.items()}
        known = {"takes": _without_zone(base["takes"]), "gives": base["gives"], **words, **known}
    code = CODE.get(name) or (_in_utc(CODE[model]) if model in CODE else None)
    if code is None:
        raise CatalogueError(f"{group}.toml: no code for the function {name}")
    try:
        return Function(
            name, group, read_parameters(known["takes"]), Type(known["gives"]),
            {language: known[language] for language in ("ru", "en")},
            tuple(Example(*each) for each in known["examples"]), code,
        )  # fmt: skip
    except (KeyError, ValueError, TypeError) as error:
        raise CatalogueError(f"{group}.toml: {name}: {error!r}") from error


def _without_zone(takes: str) -> str:
    return takes.replace(", timeZone?: text", "")


def _in_utc(code: Code) -> Code:
    return Code(_utc_work(code.work), code.takes_empty, code.is_lazy)


def _utc_work(work: Work) -> Work:
    def in_utc(scope: Scope, *values: Any) -> Any:  # noqa: ANN401 - values of a formula
        there = (each.astimezone(UTC) if isinstance(each, datetime) else each for each in values)
        result = work(scope, *there)
        return result.astimezone(scope.zone) if isinstance(result, datetime) else result

    return in_utc


def _shown(parameter: Parameter) -> str:
    if parameter.is_repeated:
        return f"{parameter.name}…"
    return f"[{parameter.name}]" if parameter.is_optional else parameter.name
