"""Typed values: read what a person typed, show, compare, sort and store it.

``KINDS`` is the one table of kinds: a new kind is a class in one of the modules beside and its line here.
"""

from __future__ import annotations

from webapp.languages.values.choices import BooleanKind, ChoiceKind
from webapp.languages.values.kind import BadOption, BadValue, Kind, NameOf, Reader
from webapp.languages.values.links import AccountKind, RecordKind, TeamKind
from webapp.languages.values.moments import DateKind, DateTimeKind
from webapp.languages.values.numbers import NumberKind
from webapp.languages.values.texts import LongTextKind, TextKind
from webapp.languages.values.typed import Typed

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        TextKind(),
        LongTextKind(),
        NumberKind(),
        BooleanKind(),
        DateKind(),
        DateTimeKind(),
        ChoiceKind(),
        AccountKind(),
        TeamKind(),
        RecordKind(),
    )
}

__all__ = ["KINDS", "BadOption", "BadValue", "Kind", "NameOf", "Reader", "Typed"]
