"""A program as a tree: terms, and statements in the order in which they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Union

from webapp.languages.errors import Place


@dataclass(frozen=True, slots=True)
class Variable:
    """``?name``."""

    name: str
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Anything:
    """``?.``: any value, whichever it is."""

    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, a logical value, or one that is written with its type."""

    value: str | Decimal | bool | datetime | timedelta
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """``prefix:name``; the namespace is the end of what the prefix stands for."""

    namespace: str
    local: str
    place: Place = field(compare=False, repr=False)

    @property
    def full(self) -> str:
        """The name as the catalogue of predicates has it."""
        return f"{self.namespace}:{self.local}"


@dataclass(frozen=True, slots=True)
class Many:
    """``( … )``."""

    items: tuple[Term, ...]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """``[object:alias "template"]``: all records of a template, or one that has this value."""

    name: Name
    value: str
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """``{ … }``: statements that must all hold."""

    statements: tuple[Statement, ...]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Triple:
    """``subject predicate object``."""

    subject: Term
    predicate: Variable | Name
    object: Term
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Assign:
    """``value -> ?variable`` and ``?list -> (?a ?b)``."""

    value: Term
    target: Term
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """``?a == ?b`` and ``?a != ?b``."""

    left: Term
    right: Term
    is_equal: bool
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choose:
    """``if {…} then {…} else {…}``."""

    condition: Block
    yes: Block
    no: Block
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Either:
    """``or {…} or {…}``: the first that has a solution, with all that it has."""

    branches: tuple[Block, ...]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Once:
    """``once {…}``: the first solution only."""

    block: Block
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """``not {…}``: holds when the block has no solution."""

    block: Block
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Collect:
    """``from {…} select ?x -> ?list``: what the block finds, as one list."""

    block: Block
    chosen: Term
    target: Variable
    place: Place = field(compare=False, repr=False)


Term = Union[Variable, Anything, Literal, Name, Many, Kind, Block]  # noqa: UP007 - the names come later
Statement = Union[Triple, Assign, Compare, Choose, Either, Once, Negate, Collect]  # noqa: UP007 - likewise
