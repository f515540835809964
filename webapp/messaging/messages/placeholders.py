"""Fills ``{names}`` in a text with flat strings: no attributes, no formats, no calls, in linear time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

#: So many templates are kept ready to be filled.
MOST_TEMPLATES: Final = 1024
_PIECE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]{0,99})\}")
#: What a reader would take for a placeholder that was not filled.
_BRACED = re.compile(r"\{\s*([^{}\s\0][^{}\n\0]{0,99}?)\s*\}|\{(\w[\w.]{0,99})(?![^{}\n]*\})")
_FILLED = "\0"


class Fault(NamedTuple):
    """A piece of a text, as written, that would leave unfilled; and the likely name, if any is near."""

    written: str
    nearest: str | None


class UnknownPlaceholder(ValueError):
    """The text names a value that there is not; ``nearest`` is the likely one, if any is near."""

    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(f"{{{name}}} is unknown" + (f"; did you mean {{{nearest}}}?" if nearest else ""))
        self.name = name
        self.nearest = nearest


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with each ``{name}`` replaced; ``{{`` and ``}}`` are literal braces.

    What is filled in is never read again as a template. A brace that opens no name stays as it is.
    Raises UnknownPlaceholder; TypeError for a value that is not a string.
    """
    return "".join([text if name is None else _value(name, values) for text, name in _pieces(template)])


def names_in(template: str) -> tuple[str, ...]:
    """Return the names that the template uses, each once, in the order of their first use."""
    return tuple(dict.fromkeys(name for _text, name in _pieces(template) if name is not None))


def faults_in(template: str, known: Collection[str]) -> list[Fault]:
    """Return what would leave in braces instead of a value, each once, in the order of the text.

    A brace before a word that is never closed counts too. ``{{…}}`` writes braces on purpose, unless a single
    word stands in them: that is how other programs write placeholders.
    """
    return list(dict.fromkeys(_faults(template, known)))


def mended(template: str, fault: Fault) -> str:
    """Return the template with the likely name in place of what is wrong."""
    return template.replace(fault.written, f"{{{fault.nearest}}}") if fault.nearest else template


def _faults(template: str, known: Collection[str]) -> Iterator[Fault]:
    found: list[tuple[int, Fault]] = []
    kept = ""  # what leaves as it stands, a mark for each value, and where each character comes from
    origins: list[tuple[int, int, bool]] = []
    end = 0
    for piece in [*_PIECE.finditer(template), None]:
        start = piece.start() if piece else len(template)
        kept += template[end:start]
        origins += [(place, place + 1, False) for place in range(end, start)]
        if piece is None:
            break
        end = piece.end()
        if piece[1] and piece[1] not in known:
            found.append((start, Fault(piece[0], _nearest(piece[1], known))))
        kept += _FILLED if piece[1] else piece[0][0]
        origins.append((start, end, not piece[1]))
    for braced in _BRACED.finditer(kept):
        first, last = origins[braced.start()], origins[braced.end() - 1]
        is_closed, is_on_purpose = braced[1] is not None, first[2]
        if not is_on_purpose or (is_closed and re.fullmatch(r"\w+", braced[1])):
            nearest = _nearest(braced[1] or braced[2], known)
            found.append((first[0], Fault(template[first[0] : last[1]], nearest)))
    yield from (fault for _place, fault in sorted(found, key=lambda one: one[0]))


def _nearest(name: str, known: Collection[str]) -> str | None:
    close = difflib.get_close_matches(name.strip().casefold(), list(known), n=1)
    return close[0] if close else None


@lru_cache(maxsize=MOST_TEMPLATES)
def _pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    """Return the template as texts to be kept and names to be filled; a catalogue's few are read once."""
    pieces: list[tuple[str, str | None]] = []
    end = 0
    for found in _PIECE.finditer(template):
        pieces.append((template[end : found.start()], None))
        pieces.append(("", found[1]) if found[1] else (found[0][0], None))
        end = found.end()
    pieces.append((template[end:], None))
    return tuple(piece for piece in pieces if piece != ("", None))


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise UnknownPlaceholder(name, _nearest(name, values.keys()))
    value = values[name]
    if not isinstance(value, str):
        raise TypeError(f"{{{name}}} is not a string but {type(value).__name__}")
    return value
