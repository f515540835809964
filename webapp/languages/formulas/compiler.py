"""What compiling any node needs: the parts, what is known of names, and the place of what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from webapp.languages.errors import CANNOT_BE_USED, MISUSE, Unfit
from webapp.languages.formulas.errors import FormulaError, Place
from webapp.languages.formulas.hints import UNKNOWN, Hint, Schema
from webapp.languages.formulas.operators import is_true
from webapp.languages.formulas.tree import Node
from webapp.languages.formulas.types import Type
from webapp.languages.scope import Scope
from webapp.languages.store import TooMany, UnknownName, Value
from webapp.languages.unknown_names import said_of
from webapp.languages.values.kind import N_

Evaluate = Callable[[Scope], Value]
#: By the class of a node: what compiles it.
Compilers = Mapping[type[Node], Callable[["Compiler", Any], "Part"]]
BOOLEAN: Final = Hint(Type.BOOLEAN)


class Part(NamedTuple):
    """What evaluates a node, and what is known of its value."""

    evaluate: Evaluate
    hint: Hint


@dataclass
class Compiler:
    """Compiles one formula; remembers what it uses. Without a schema names of attributes are not checked."""

    compilers: Compilers
    schema: Schema | None
    template: str | None
    uses: set[tuple[str, str]] = field(default_factory=set)
    locals: dict[str, Hint] = field(default_factory=dict)

    def compile(self, node: Node) -> Part:
        """Return what evaluates the node. Raises FormulaError."""
        return self.compilers[type(node)](self, node)

    def attribute_hint(self, template: str | None, name: str, place: Place) -> Hint:
        """Return what is known of an attribute, and note that it is used. Raises FormulaError."""
        if template is None:
            return UNKNOWN
        self.uses.add((template, name))
        if self.schema is None:
            return UNKNOWN
        try:
            return self.schema.attribute(template, name)
        except UnknownName as error:
            raise unknown_name(place, error) from None

    def template_known_as(self, name: str, place: Place) -> str:
        """Return the name by which the schema knows a template. Raises FormulaError."""
        if self.schema is None:
            return name
        try:
            return self.schema.template(name)
        except UnknownName as error:
            raise unknown_name(place, error) from None


def unknown_name(place: Place, error: UnknownName) -> FormulaError:
    """Say what there is not by this name, and which one may be meant."""
    message, facts = said_of(error)
    return FormulaError(place, message, **facts)


def holding(place: Place, work: Evaluate) -> Callable[[Scope], bool]:
    """Return what tells whether a condition holds, and names the place of one that is none."""

    def holds(scope: Scope) -> bool:
        value = work(scope)
        if value is True or value is False:
            return bool(value)
        try:
            return is_true(value)
        except Unfit as error:
            raise FormulaError(place, error.message, **error.facts) from None

    return holds


def at(place: Place, work: Evaluate) -> Evaluate:
    """Return the same that names the place of what goes wrong."""

    def evaluate(scope: Scope) -> Value:
        try:
            return work(scope)
        except Unfit as error:
            raise FormulaError(place, error.message, **error.facts) from None
        except UnknownName as error:
            raise unknown_name(place, error) from None
        except TooMany:
            raise FormulaError(place, N_("These are too many records to be read at once.")) from None
        except FormulaError:
            raise
        except OverflowError:
            raise FormulaError(place, N_("The result lies outside the years that a calendar has.")) from None
        except MISUSE:
            raise FormulaError(place, CANNOT_BE_USED) from None

    return evaluate
