"""Any text in the letters of ASCII, for readers of mail that know no others."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

UNKNOWN: Final = "?"
_TABLE: Final = tomllib.loads(Path(__file__).with_name("latin.toml").read_text(encoding="utf-8"))
_LETTERS: Final[dict[str, str]] = _TABLE["letters"]
_SIGNS: Final[dict[str, str]] = _TABLE["signs"]
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_KEPT: Final = 256  # the sender's name stands in each mail


@lru_cache(maxsize=_KEPT)
def in_latin(text: str) -> str:
    """Return the text in ASCII: by the table of passports, without accents, ``?`` for what has no likeness.

    A capital that becomes several letters is one capital, unless its word is in capitals.
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    return _FOREIGN.sub(lambda found: _sign(text, found.start()), text)


def _sign(text: str, place: int) -> str:
    sign = text[place]
    if sign in _SIGNS:
        return _SIGNS[sign]
    lower = sign.lower()
    if lower in _LETTERS:
        letters = _LETTERS[lower]
        return letters if sign == lower else _as_capital(letters, text, place)
    plain = "".join(each for each in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(each))
    return plain if plain.isascii() else _LETTERS.get(plain.lower(), UNKNOWN)


def _as_capital(letters: str, text: str, place: int) -> str:
    beside = text[place + 1 : place + 2] or text[max(place - 1, 0) : place]
    if not beside.isalpha():
        beside = text[max(place - 1, 0) : place]
    return letters.upper() if beside.isupper() else letters.capitalize()
