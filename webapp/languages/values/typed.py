"""A kind with its settings: the door through which records, forms and lists handle one attribute's values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.languages.values.kind import Json, Kind, Options, Reader, Value


@dataclass(frozen=True)
class Typed:
    """One attribute's type. With ``is_many`` a value is a list without repeats, and an empty list is None."""

    kind: Kind
    is_many: bool = False
    options: Options = field(default_factory=dict)

    def parse(self, texts: Sequence[str], reader: Reader) -> Value:
        """Return the value of what was typed or chosen. Raises BadValue."""
        values = [self.kind.parse(text, self.options, reader) for text in texts]
        return self._fold([value for value in values if value is not None])

    def show(self, value: Value, reader: Reader) -> str:
        """Return the value in words, empty text for no value."""
        return ", ".join(self.kind.show(each, self.options, reader) for each in self.each(value))

    def write(self, value: Value, reader: Reader) -> list[str]:
        """Return the texts that ``parse`` would read as this value."""
        return [self.kind.write(each, self.options, reader) for each in self.each(value)]

    def to_json(self, value: Value) -> Json:
        """Return the value as JSON can hold it."""
        stored = [self.kind.to_json(each) for each in self.each(value)]
        return (stored or None) if self.is_many else next(iter(stored), None)

    def from_json(self, stored: Json) -> Value:
        """Return the value that ``to_json`` stored."""
        return self._fold([self.kind.from_json(each) for each in self.each(stored)])

    def sort_key(self, value: Value) -> str:
        """Return the key of the value (of several, the first); empty text for no value."""
        return next((self.kind.sort_key(each, self.options) for each in self.each(value)), "")

    def search_text(self, value: Value) -> str:
        """Return what a search should find the value by."""
        return " ".join(self.kind.search_text(each) for each in self.each(value))

    def compare(self, left: Value, right: Value) -> int:
        """Return -1, 0 or 1 as left sorts before, with or after right; empty comes first."""
        one, other = self.sort_key(left), self.sort_key(right)
        return (one > other) - (one < other)

    def each(self, value: Value) -> list[Any]:
        """Return the single values of a value: none, one or many."""
        if value is None:
            return []
        return list(value) if isinstance(value, list | tuple) else [value]

    def _fold(self, values: list[Any]) -> Value:
        if self.is_many:
            return list(dict.fromkeys(values)) or None
        return values[0] if values else None
