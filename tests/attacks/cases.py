"""The hostile inputs, one a line in the files beside this one, and how they are packed into fields."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.languages.values.texts import cleaned

HERE = Path(__file__).parent
#: No field takes this much: what is longer is for the tests of limits.
LONGEST = 2_000
#: With ATTACKS=all each form is given all literals, otherwise a third, and the next form the next third.
SHARES = 2 if os.environ.get("ATTACKS") == "all" else 6


@dataclass(frozen=True)
class Case:
    """One hostile input."""

    id: str
    text: str

    @property
    def is_plain(self) -> bool:
        """Whether all of it can be seen, so that a field for a name takes it."""
        return self.text.isprintable()

    @property
    def is_different(self) -> bool:
        """Whether it holds a character that one database keeps and the other does not."""
        return "\0" in self.text or any("\ud800" <= each <= "\udfff" for each in self.text)


def read(*names: str) -> list[Case]:
    """The cases of the files; an input that begins with ``py:`` is an expression that builds the text."""
    lines = [json.loads(line) for name in names for line in (HERE / name).read_text().splitlines()]
    return [Case(line["id"], text_of(line["input"])) for line in lines]


def text_of(written: str) -> str:
    """The input as it is sent."""
    if not written.startswith("py:"):
        return written
    return str(eval(written.removeprefix("py:"), {"__builtins__": {"chr": chr, "str": str}}))


def as_read(text: str) -> str:
    """The text without what cannot be seen, on one line."""
    return " ".join(cleaned(text).split())


ALL = read("headers.jsonl", "texts.jsonl")
LITERALS = [case for case in ALL if len(case.text) <= LONGEST]
LONG = [case for case in ALL if len(case.text) > LONGEST]


def packs(limit: int, *, share: int) -> list[str]:
    """Literals in as few texts as fit the limit; those with what cannot be seen apart from the others.

    One in SHARES of the harmless looking ones: shares 0, 2, 4 … are of one database, the others of the other.
    Both take what the databases themselves treat differently.
    """
    different = [case.text for case in LITERALS if case.is_different]
    hidden = [case.text for case in LITERALS if not case.is_plain and not case.is_different]
    plain = [case.text for case in LITERALS if case.is_plain]
    return [
        text
        for kind in (different, hidden[share % 2 :: 2], plain[share::SHARES])
        for text in _packed(kind, limit)
    ]


def _packed(texts: list[str], limit: int) -> Iterator[str]:
    """Join texts up to the limit; those that are longer by themselves stand in one, which is refused."""
    too_long = " ".join(text for text in texts if len(text) > limit)
    if too_long:
        yield too_long
    pack = ""
    for text in (text for text in texts if len(text) <= limit):
        if pack and len(pack) + 1 + len(text) > limit:
            yield pack
            pack = ""
        pack = f"{pack} {text}" if pack else text
    if pack:
        yield pack
