"""What differs between two wordings, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.wording import LONGEST, Wording

_WORDS: Final = re.compile(r"\s+|\{\w+\}|\w+|[^\w\s]")


class Piece(NamedTuple):
    """Words that stand in both (""), only in the first ("del"), or only in the second ("ins")."""

    kind: str
    words: str


@dataclass(frozen=True)
class Difference:
    """One part that differs."""

    part: str
    pieces: tuple[Piece, ...]


def between(one: Wording, other: Wording, language: str) -> list[Difference]:
    """Return the parts that differ, in the order of the form."""
    sides = [(name, getattr(one, name), getattr(other, name)) for name in LONGEST]
    sides.insert(2, ("facts", _facts(one, language), _facts(other, language)))
    return [Difference(name, _pieces(before, after)) for name, before, after in sides if before != after]


def _facts(wording: Wording, language: str) -> str:
    labels = catalogue.words(language).labels
    return ", ".join(labels.get(name, name) for name in wording.facts)


def _pieces(before: str, after: str) -> tuple[Piece, ...]:
    first, second = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    for kind, start, end, from_, to in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("", "".join(first[start:end])))
            continue
        gone, come = "".join(first[start:end]), "".join(second[from_:to])
        found += [Piece(side, words) for side, words in (("del", gone), ("ins", come)) if words]
    return tuple(found)
