"""Lists: made, counted, sorted, reduced to one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

from webapp.languages.errors import Unfit
from webapp.languages.formulas import operators
from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import LONGEST_LIST
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

Values = tuple[Value, ...]


@function("LIST", takes_empty=True)
def make(*values: Value) -> Values:
    """Return a list of the values, each in its place, also an empty one and a list."""
    return values


@function("COUNT", takes_empty=True)
def count(*values: Value) -> Decimal:
    """Return how many values there are."""
    return Decimal(len(spread(values)))


@function("FIRST", takes_empty=True)
def first(*values: Value) -> Value:
    """Return the first value."""
    return next(iter(spread(values)), None)


@function("LAST", takes_empty=True)
def last(*values: Value) -> Value:
    """Return the last value."""
    return next(reversed(spread(values)), None)


@function("DISTINCT", takes_empty=True)
def distinct(*values: Value) -> Values:
    """Return each value once, in the order in which they first came."""
    # The types stand beside the values: otherwise true would be 1.
    return tuple(value for _type, value in dict.fromkeys((type(each), each) for each in spread(values)))


@function("UNION", takes_empty=True)
def union(*values: Value) -> Values:
    """Return what any of the lists has, each once."""
    return distinct(*values)


@function("ASCENDING", takes_empty=True)
def ascending(*values: Value) -> Values:
    """Sort, the smallest first."""
    return tuple(sorted(spread(values), key=sort_key))


@function("DESCENDING", takes_empty=True)
def descending(*values: Value) -> Values:
    """Sort, the largest first."""
    return tuple(sorted(spread(values), key=sort_key, reverse=True))


@function("LISTEQUALS", takes_empty=True)
def are_equal(left: Value, right: Value) -> bool:
    """Whether two lists have equal values in the same order."""
    one, other = spread((left,)), spread((right,))
    return len(one) == len(other) and all(map(operators.equals, one, other))


@function("SUM", takes_empty=True)
def total(scope: Scope, *values: Value) -> Value:
    """Add numbers or durations; of nothing the sum is 0."""
    measured = _measured(values)
    return reduce(lambda left, right: operators.add(scope, left, right), measured) if measured else Decimal(0)


@function("AVERAGE", takes_empty=True)
def average(scope: Scope, *values: Value) -> Value:
    """Return the mean of numbers or durations."""
    measured = _measured(values)
    return operators.divide(scope, total(scope, measured), Decimal(len(measured))) if measured else None


@function("MAX", takes_empty=True)
def largest(*values: Value) -> Value:
    """Return the largest number, moment or duration."""
    return _extreme(max, values)


@function("MIN", takes_empty=True)
def smallest(*values: Value) -> Value:
    """Return the smallest number, moment or duration."""
    return _extreme(min, values)


def spread(values: Iterable[Value]) -> Values:
    """Return the values with the elements of lists among them in their place, and without empty ones."""
    found: list[Value] = []
    for value in values:
        if type(value) is tuple:
            found += spread(value)
        elif value is not None:
            found.append(value)
    if len(found) > LONGEST_LIST:
        raise Unfit(N_("The list would be longer than %(most)s values."), most=LONGEST_LIST)
    return tuple(found)


def sort_key(value: Value) -> tuple[str, Any]:
    """Sort values of one type by their size, unlike ones by their types, and lists by their elements."""
    if isinstance(value, datetime):
        return "moment", value.astimezone(UTC)
    if type(value) is tuple:  # a Ref is a tuple, too, of a class of its own
        return "list", tuple(map(sort_key, value))
    return type(value).__name__, value


def _measured(values: Values) -> Values:
    found = spread(values)
    for value in found:
        if not isinstance(value, Decimal | timedelta):
            raise Unfit(
                N_("Numbers or durations are needed, and this is %(type)s."), type=operators.type_of(value)
            )
    return found


def _extreme(choose: Callable[..., Value], values: Values) -> Value:
    found = spread(values)
    kinds = {type(value) for value in found}
    if len(kinds) > 1 or not kinds <= {Decimal, datetime, timedelta, str}:
        raise Unfit(N_("Only values of one type can be compared: numbers, moments, durations or texts."))
    return choose(found, key=sort_key, default=None)
