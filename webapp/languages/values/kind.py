"""What every kind of value can do, who reads it, and how a bad value is refused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, ClassVar, Literal

Value = Any
Json = Any
Options = Mapping[str, Any]
NameOf = Callable[[str, int], str | None]
Widget = Literal["line", "lines", "date", "moment", "select", "link"]


def N_(message: str) -> str:  # noqa: N802 - the name that the extractor of translations knows
    """Mark a sentence for translation; who shows it translates it."""
    return message


class BadValue(ValueError):
    """What was typed is no value of the kind; ``message`` is English with ``%(name)s`` for ``facts``."""

    def __init__(self, message: str, **facts: Value) -> None:
        super().__init__(message % facts)
        self.message = message
        self.facts = facts


class BadOption(ValueError):
    """A setting of an attribute that its kind does not know or cannot use."""


def nameless(_kind: str, _id: int) -> str | None:
    """Know no names of linked things."""
    return None


@dataclass(frozen=True)
class Reader:
    """For whom values are read and written: language, zone, and the names of things this person may see."""

    language: str = "en"
    zone: tzinfo = UTC
    name_of: NameOf = nameless


class Kind(ABC):
    """One kind of value. Values are plain Python; stored values are JSON; None means empty."""

    name: ClassVar[str]
    widget: ClassVar[Widget]
    option_names: ClassVar[frozenset[str]] = frozenset()
    links_to: ClassVar[Literal["account", "record"] | None] = None
    is_sortable: ClassVar[bool] = True
    is_filter: ClassVar[bool] = False

    @abstractmethod
    def parse(self, text: str, options: Options, reader: Reader) -> Value:
        """Return the value that the text means, None when it is empty. Raises BadValue."""

    @abstractmethod
    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Return the value in words for the reader."""

    @abstractmethod
    def sort_key(self, value: Value, options: Options) -> str:
        """Return text whose order by code points is the order of the values."""

    def write(self, value: Value, options: Options, reader: Reader) -> str:
        """Return the value as ``parse`` reads it, for a form."""
        return self.show(value, options, reader)

    def to_json(self, value: Value) -> Json:
        """Return the value as JSON can hold it."""
        return value

    def from_json(self, stored: Json) -> Value:
        """Return the value that ``to_json`` stored."""
        return stored

    def search_text(self, value: Value) -> str:
        """Return what a search should find the value by."""
        return ""

    def check_options(self, options: Options) -> None:
        """Raise BadOption for settings that this kind does not know or cannot use."""
        unknown = sorted(set(options) - self.option_names)
        if unknown:
            raise BadOption(f"the kind {self.name!r} has no option {unknown[0]!r}")
