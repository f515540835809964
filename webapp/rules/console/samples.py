"""Texts with which somebody may begin."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.core.locales import LANGUAGES
from webapp.desk.record_templates.queries import get_template
from webapp.languages.n3.samples import samples as programs
from webapp.rules.console.trials import Language


@dataclass(frozen=True)
class Sample:
    """A text to begin with, with its title by language."""

    titles: Mapping[str, str]
    text: str


@cache
def _formulas() -> tuple[Sample, ...]:
    with (Path(__file__).parent / "samples.toml").open("rb") as file:
        written = tomllib.load(file)["formula"]
    return tuple(Sample({name: each[name] for name in LANGUAGES}, each["text"].strip()) for each in written)


def all_of(language: Language) -> tuple[Sample, ...]:
    """Return the samples of a language: of programs those for templates that are there."""
    if language is Language.FORMULA:
        return _formulas()
    return tuple(Sample(each.titles, each.text.strip()) for each in programs() if get_template(each.template))
