"""Programs to begin with: each a file in ``samples``, with its title in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class Sample:
    """A program that can be offered, for records of a template. ``titles`` by language."""

    name: str
    template: str
    titles: Mapping[str, str]
    text: str


@cache
def samples() -> tuple[Sample, ...]:
    """Return all samples in the order in which they are offered."""
    with (FOLDER / "samples.toml").open("rb") as file:
        rows = tomllib.load(file)
    return tuple(_sample(name, row) for name, row in rows.items())


def _sample(name: str, row: dict[str, str]) -> Sample:
    text = (FOLDER / f"{name}.n3").read_text(encoding="utf-8")
    return Sample(name, row["template"], {language: row[language] for language in ("ru", "en")}, text)
