"""A formula as a tree. Nodes are equal when they mean the same, wherever they stand in a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from webapp.languages.formulas.errors import Place


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of a formula. ``depth`` counts the nodes on the longest way down, itself included."""

    place: Place = field(compare=False, repr=False)
    depth: int = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, a text, true, false or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Current(Node):
    """``$``: the record for which the formula is evaluated."""


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """``$name``: an attribute of the current record."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """``$$name``: a variable of the scenario or the process."""

    name: str


@dataclass(frozen=True, slots=True)
class Local(Node):
    """``i``: the variable of a query around."""

    name: str


@dataclass(frozen=True, slots=True)
class Step(Node):
    """``base->name``: an attribute of whatever the base leads to."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Back(Node):
    """``base<-template:attribute``: the records of the template whose attribute leads to the base."""

    base: Node
    template: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Template(Node):
    """``db->name``: all records of a template."""

    name: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments; the name is in capitals."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Prefixed(Node):
    """``-operand`` or ``!operand``."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operands with the operators between them, all of one precedence, from left to right."""

    operands: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order(Node):
    """By what the rows of a query are sorted."""

    key: Node
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Query(Node):
    """``from variable in source where condition orderby order select result``."""

    variable: str
    source: Node
    condition: Node | None
    order: Order | None
    result: Node


@dataclass(frozen=True, slots=True)
class AnyWhere(Node):
    """``[(query), variable, condition]``: whether the condition holds for any row."""

    query: Query
    variable: str
    condition: Node
