"""What the languages know of the world: a few questions, each asked for many things at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

#: None (empty), text, Decimal, bool, datetime, date, timedelta, Ref, or a tuple of these.
Value = Any


class Ref(NamedTuple):
    """A thing with attributes: its kind (record, account, team, document, revision) and its number."""

    kind: str
    id: int


class Named(Enum):
    """What has a name."""

    ATTRIBUTE = auto()
    TEMPLATE = auto()
    VARIABLE = auto()
    FUNCTION = auto()
    PREDICATE = auto()
    TERM = auto()


class UnknownName(LookupError):
    """Nothing of the kind ``named`` has this name; ``known`` are the names that exist there."""

    def __init__(self, name: str, known: Iterable[str] = (), named: Named = Named.ATTRIBUTE) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)
        self.named = named


class TooMany(Exception):
    """More records than may be read at once."""


class Store(Protocol):
    """Records, accounts and documents, as one person or the system may see them.

    What may not be seen is not there: such a thing has no records and empty attributes. All but ``variable``
    are asked for many things at once, so that a link to a thousand records is a handful of queries.
    """

    def read(self, things: Sequence[Ref], attribute: str) -> Mapping[Ref, Value]:
        """Return the attribute of each; what has no value may be left out. Raises UnknownName."""

    def records_of(self, template: str) -> Sequence[Ref]:
        """Return all records of a template in the order of their numbers. Raises UnknownName, TooMany."""

    def leading_to(
        self, template: str, attribute: str, targets: Sequence[Ref]
    ) -> Mapping[Ref, Sequence[Ref]]:
        """Return by target the records whose attribute leads to it. Raises UnknownName, TooMany."""

    def variable(self, name: str) -> Value:
        """Return a variable of the scenario or the process. Raises UnknownName."""
