"""The types of values, and the types that a function takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from webapp.languages.store import Ref


class Type(StrEnum):
    """What a value may be. *Any*: known only when the formula is evaluated."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DURATION = "duration"
    THING = "thing"
    LIST = "list"
    ANY = "any"


#: The classes of Python that stand for each type.
CLASSES: Final[dict[Type, type]] = {
    Type.NUMBER: Decimal,
    Type.TEXT: str,
    Type.BOOLEAN: bool,
    Type.MOMENT: datetime,
    Type.DURATION: timedelta,
    Type.THING: Ref,
    Type.LIST: tuple,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a function: its types, whether it may be left out, and whether it may be repeated."""

    name: str
    types: frozenset[Type]
    is_optional: bool = False
    is_repeated: bool = False

    @property
    def classes(self) -> frozenset[type]:
        """The classes of Python whose values fit as they are; empty when all do."""
        return frozenset() if Type.ANY in self.types else frozenset(CLASSES[each] for each in self.types)


def read_parameters(text: str) -> tuple[Parameter, ...]:
    """Read ``a: number|duration, b?: text, c...: any``. Raises ValueError."""
    return tuple(_read_parameter(part) for part in text.split(",") if part.strip())


def _read_parameter(text: str) -> Parameter:
    name, _, types = (part.strip() for part in text.partition(":"))
    is_repeated, is_optional = name.endswith("..."), name.endswith("?")
    words = frozenset(Type(word.strip()) for word in types.split("|"))
    return Parameter(name.rstrip(".?"), words, is_optional, is_repeated)
