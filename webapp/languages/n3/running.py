"""One run of a program: its bindings, its limits, and what it wants done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from webapp.languages.budget import MOST_SECONDS
from webapp.languages.errors import Unfit
from webapp.languages.formulas.operators import LONGEST_LIST, equals, is_empty
from webapp.languages.n3 import tree
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

MOST_STEPS: Final = 200_000
#: Lists in lists: what goes through them calls itself.
MOST_LEVELS: Final = 40

#: Values by the names of variables; never changed, but copied with one more.
Bindings = Mapping[str, Value]
Solve = Callable[["Run", Bindings], Iterator[Bindings]]


class Unbound:
    """Stands for the value of a variable that has none yet."""


UNBOUND: Final = Unbound()


class Property(NamedTuple):
    """An attribute of a template, which a variable can hold."""

    template: str
    attribute: str


class Effect(NamedTuple):
    """Something that the program wants done; the program itself does nothing."""

    kind: str
    subject: Value
    object: Value


@dataclass
class Run:
    """What goes on while a program looks for its solutions."""

    scope: Scope
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scope.budget.begin(MOST_SECONDS, MOST_STEPS)

    def step(self) -> None:
        """Count one more candidate. Raises Unfit when there were too many, or time is up."""
        self.scope.budget.spend_rows(1)
        self.scope.budget.look_at_clock()


def value_of(term: tree.Term, bindings: Bindings) -> Value:
    """Return the value of a term; UNBOUND when it, or a part of it, has none."""
    match term:
        case tree.Variable():
            return bindings.get(term.name, UNBOUND)
        case tree.Literal():
            return term.value
        case tree.Many():
            values = tuple(value_of(each, bindings) for each in term.items)
            return UNBOUND if UNBOUND in values else bounded(values)
        case tree.Name(namespace="taskStatus"):
            return term.local
    return UNBOUND


def bounded(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return a list that was put together. Raises Unfit when it has too many values, or lists too deep in it.

    A list that is twice in another one costs nothing, but whoever compares or shows it goes through it twice.
    """
    level, count = values, 0
    for _ in range(MOST_LEVELS):
        inside: list[Value] = []
        for value in level:
            if type(value) is tuple:
                inside += value
                if count + len(inside) > LONGEST_LIST:
                    raise Unfit(N_("The list would be longer than %(most)s values."), most=LONGEST_LIST)
        if not inside:
            return values
        level, count = tuple(inside), count + len(inside)
    raise Unfit(N_("Lists may stand in each other at most %(most)s levels deep."), most=MOST_LEVELS)


def unify(term: tree.Term, value: Value, bindings: Bindings) -> Bindings | None:
    """Return the bindings with which the term has this value; None when it cannot have it."""
    match term:
        case tree.Anything():
            return None if is_empty(value) else bindings
        case tree.Variable():
            known = bindings.get(term.name, UNBOUND)
            if known is UNBOUND:
                return {**bindings, term.name: value}
            return bindings if equals(known, value) else None
        case tree.Many():
            return _unify_each(term, value, bindings)
    return bindings if equals(value_of(term, bindings), value) else None


def _unify_each(term: tree.Many, value: Value, bindings: Bindings) -> Bindings | None:
    if type(value) is not tuple or len(value) != len(term.items):
        return None
    found: Bindings | None = bindings
    for part, each in zip(term.items, value, strict=True):
        found = None if found is None else unify(part, each, found)
    return found


def each_of(value: Value) -> tuple[Any, ...]:
    """Return the values of a list, or the one; nothing of an empty one."""
    if type(value) is tuple:
        return value
    return () if value is None else (value,)
