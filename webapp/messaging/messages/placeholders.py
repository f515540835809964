"""Fills ``{names}`` in a text with flat strings: no attributes, no formats, no calls, in linear time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

#: So many templates are kept ready to be filled.
MOST_TEMPLATES: Final = 1024
_PIECE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]{0,99})\}")


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
        nearest = difflib.get_close_matches(name, list(values), n=1)
        raise UnknownPlaceholder(name, nearest[0] if nearest else None)
    value = values[name]
    if not isinstance(value, str):
        raise TypeError(f"{{{name}}} is not a string but {type(value).__name__}")
    return value
