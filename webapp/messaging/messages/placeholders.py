"""Fills ``{names}`` in a text with flat strings: no attributes, no formats, no calls, in linear time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

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
    return _PIECE.sub(lambda found: _piece(found, values), template)


def names_in(template: str) -> tuple[str, ...]:
    """Return the names that the template uses, each once, in the order of their first use."""
    names = (found[1] for found in _PIECE.finditer(template) if found[1])
    return tuple(dict.fromkeys(names))


def _piece(found: re.Match[str], values: Mapping[str, str]) -> str:
    name = found[1]
    if not name:
        return found[0][0]
    if name not in values:
        nearest = difflib.get_close_matches(name, list(values), n=1)
        raise UnknownPlaceholder(name, nearest[0] if nearest else None)
    value = values[name]
    if not isinstance(value, str):
        raise TypeError(f"{{{name}}} is not a string but {type(value).__name__}")
    return value
