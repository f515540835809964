"""Conditions. What need not be known is not evaluated."""

from __future__ import annotations

from collections.abc import Callable

from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import is_true
from webapp.languages.scope import Scope
from webapp.languages.store import Value

Argument = Callable[[Scope], Value]


@function("IF", is_lazy=True)
def choose(scope: Scope, condition: Argument, yes: Argument, no: Argument) -> Value:
    """Return the one or the other."""
    return yes(scope) if is_true(condition(scope)) else no(scope)


@function("AND", is_lazy=True)
def all_hold(scope: Scope, *conditions: Argument) -> bool:
    """Whether every condition holds."""
    return all(is_true(condition(scope)) for condition in conditions)


@function("OR", is_lazy=True)
def any_holds(scope: Scope, *conditions: Argument) -> bool:
    """Whether at least one condition holds."""
    return any(is_true(condition(scope)) for condition in conditions)


@function("NOT", takes_empty=True)
def does_not_hold(condition: Value) -> bool:
    """Whether the condition does not hold; an empty one does not."""
    return not is_true(condition)


@function("ALL", takes_empty=True)
def all_of(values: tuple[Value, ...] | None) -> bool:
    """Whether every value of a list is true; an empty list has none that is not."""
    return all(is_true(value) for value in values or ())


@function("ANY", takes_empty=True)
def any_of(values: Value) -> bool:
    """Whether the list has any value; of ``[(query), variable, condition]`` whether it holds for a row."""
    if isinstance(values, bool):
        return values
    return any(value is not None for value in values or ())
