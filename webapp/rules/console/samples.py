"""Texts with which somebody may begin."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.core.locales import LANGUAGES
from webapp.rules.console.trials import Language


@dataclass(frozen=True)
class Sample:
    """A text to begin with, with its title by language."""

    titles: Mapping[str, str]
    text: str


@cache
def _known() -> Mapping[Language, tuple[Sample, ...]]:
    with (Path(__file__).parent / "samples.toml").open("rb") as file:
        written = tomllib.load(file)
    return {
        language: tuple(
            Sample({name: each[name] for name in LANGUAGES}, each["text"].strip())
            for each in written.get(language.value, ())
        )
        for language in Language
    }


def all_of(language: Language) -> tuple[Sample, ...]:
    """Return the samples of a language."""
    return _known()[language]
