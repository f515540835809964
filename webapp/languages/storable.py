"""Signs that cannot be kept: PostgreSQL takes no NUL, and half a pair of UTF-16 is no sign at all."""

from __future__ import annotations

import re
from typing import Final

from webapp.languages.errors import LanguageError, Place
from webapp.languages.values.kind import N_

_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether every database can keep the text, or be asked for it."""
    return _UNSTORABLE.search(text) is None


def check_storable(text: str, refusal: type[LanguageError], place: Place | None = None) -> None:
    """Raise the refusal for the first sign that cannot be kept, with the place given or that of the sign."""
    found = _UNSTORABLE.search(text)
    if found is not None:
        where = place or place_in(text, found.start())
        raise refusal(where, N_("The sign %(sign)s means nothing here."), sign=repr(found.group()))


def place_in(text: str, offset: int) -> Place:
    """Return the place of what stands so far behind the beginning of a text."""
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
