"""What content is: told by its first octets, from a table in ``media_types.toml``."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

#: As many octets of the beginning are enough to tell.
HEAD: Final = 1024
TEXT: Final = "text/plain"
UNKNOWN: Final = "application/octet-stream"
TABLE: Final = Path(__file__).with_name("media_types.toml")
#: What stands in no text: control characters but tab, line ends, form feed, escape (of coloured logs).
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class _Type:
    name: str
    marks: tuple[tuple[int, bytes], ...]
    binary: bool = False

    def fits(self, head: bytes, *, is_text: bool) -> bool:
        """Whether the content that begins so is of this type."""
        return not (self.binary and is_text) and all(head.startswith(mark, at) for at, mark in self.marks)


def media_type_of(head: bytes) -> str:
    """Return the media type of the content that begins with ``head``."""
    is_text = _is_text(head)
    found = next((each.name for each in _types() if each.fits(head, is_text=is_text)), None)
    return found or (TEXT if is_text else UNKNOWN)


def known_types() -> frozenset[str]:
    """Return every media type that can be told."""
    return frozenset(each.name for each in _types()) | {TEXT, UNKNOWN}


@cache
def _types() -> tuple[_Type, ...]:
    with TABLE.open("rb") as file:
        entries = tomllib.load(file)["type"]
    return tuple(
        _Type(**(entry | {"marks": tuple((at, bytes.fromhex(mark)) for at, mark in entry["marks"])}))
        for entry in entries
    )


def _is_text(head: bytes) -> bool:
    if _NO_TEXT.search(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # which bears that the last letter is cut
    except UnicodeDecodeError:
        return False
    return True
