"""Empty values, people, records found by a value."""

from __future__ import annotations

from collections.abc import Callable

from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import is_empty
from webapp.languages.scope import Scope
from webapp.languages.store import Ref, Value


@function("EMPTY", takes_empty=True)
def has_nothing(value: Value) -> bool:
    """Whether there is no value."""
    return is_empty(value)


@function("VALUE", is_lazy=True)
def or_else(
    scope: Scope, value: Callable[[Scope], Value], default: Callable[[Scope], Value] | None = None
) -> Value:
    """Return the value, or the other when it is empty."""
    found = value(scope)
    if not is_empty(found):
        return found
    return default(scope) if default is not None else None


@function("USER")
def current_user(scope: Scope) -> Ref | None:
    """Return the account for whom the formula is evaluated."""
    return scope.user


@function("ENUMVALUE")
def list_value(_attribute: str, value: str) -> str:
    """Return what the attribute keeps for this value of its list: its system name."""
    return value


@function("OBJECT")
def records_with(
    scope: Scope, _application: str, template: str, attribute: str, text: str
) -> tuple[Ref, ...]:
    """Return the records of a template whose attribute has this text."""
    return scope.find(template, attribute, text)
