"""Keys whose order by code points is the order that people expect, on SQLite and PostgreSQL alike.

Databases order Cyrillic differently (or wrongly), so the keys are computed here and stored.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

WHOLE_DIGITS = 18
FRACTION_DIGITS = 9
SHIFT = Decimal(10) ** FRACTION_DIGITS
NINES = str.maketrans("0123456789", "9876543210")

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return the text without differences of case and spacing, with ё as е, for search and comparison."""
    flat = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _SPACE.sub(" ", flat).strip().replace("ё", "е")


def words(text: str) -> list[str]:
    """Return the words of the text as a search sees them."""
    return _WORD.findall(folded(text))


def text_key(text: str) -> str:
    """Return the key of a text: ё stands with е, and after it where nothing else differs."""
    flat = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    flat = _SPACE.sub(" ", flat).strip()
    marks = "".join("1" if letter == "ё" else "0" for letter in flat if letter in "её").rstrip("0")
    # The mark lies below every printable character: "еж" < "ёж" < "ежа".
    return flat.replace("ё", "е") + (f"\x01{marks}" if marks else "")


def number_key(number: Decimal) -> str:
    """Return the key of a number below 10**18 with up to nine decimals; exact within these."""
    digits = str(int(abs(number) * SHIFT)).zfill(WHOLE_DIGITS + FRACTION_DIGITS)
    return f"0{digits.translate(NINES)}" if number < 0 else f"1{digits}"


def moment_key(moment: datetime) -> str:
    """Return the key of an aware moment: UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S%f").zfill(20)


def date_key(day: date) -> str:
    """Return the key of a date."""
    return day.isoformat()


def whole_key(number: int) -> str:
    """Return the key of a place in a list or an id: never negative."""
    return f"{number:019d}"
