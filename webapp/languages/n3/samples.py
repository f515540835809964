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
    """A program that can be offered. ``titles`` by language."""

    name: str
    titles: Mapping[str, str]
    text: str


@cache
def samples() -> tuple[Sample, ...]:
    """Return all samples in the order in which they are offered."""
    with (FOLDER / "samples.toml").open("rb") as file:
        titles = tomllib.load(file)
    return tuple(Sample(name, each, _text(name)) for name, each in titles.items())


def _text(name: str) -> str:
    return (FOLDER / f"{name}.n3").read_text(encoding="utf-8")
