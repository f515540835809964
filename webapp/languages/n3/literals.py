"""Values that are written as text with their type: ``"PT9H"^^xsd:duration``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final

from webapp.languages.formulas.functions.literals import to_boolean, to_duration
from webapp.languages.formulas.operators import NUMBERS
from webapp.languages.store import Value

_WHOLE: Final = re.compile(r"[+-]?\d{1,28}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,28}(\.\d{1,28})?", re.ASCII)


def _number(pattern: re.Pattern[str]) -> Callable[[str], Decimal | None]:
    return lambda text: NUMBERS.create_decimal(text) if pattern.fullmatch(text) else None


def _moment(text: str) -> datetime | None:
    """Without an offset nobody could say when it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


#: By the name of the type: what reads the text, and finds None where it is no such value.
TYPES: Final[dict[str, Callable[[str], Value]]] = {
    "boolean": to_boolean,
    "dateTime": _moment,
    "decimal": _number(_NUMBER),
    "double": _number(_NUMBER),
    "duration": to_duration,
    "integer": _number(_WHOLE),
    "string": str,
}
