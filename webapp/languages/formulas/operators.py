"""What the signs of a formula do with values of each type. Empty stays empty; unlike things are unequal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from webapp.languages.budget import bounded
from webapp.languages.errors import Unfit
from webapp.languages.formulas.showing import show
from webapp.languages.scope import Scope
from webapp.languages.store import Ref, Value
from webapp.languages.values.kind import N_

#: 28 digits, as the documents' own numbers have; larger ones than any attribute holds are refused.
NUMBERS: Final = Context(prec=28, Emax=60, Emin=-60, traps=[InvalidOperation, DivisionByZero, Overflow])
LONGEST_LIST: Final = 100_000


def is_true(value: Value) -> bool:
    """Whether a condition holds; an empty one does not. Raises Unfit for what is no condition."""
    if value is True or value is False:
        return bool(value)
    if value is None or value == ():
        return False
    raise Unfit(N_("A condition must be true or false, and this is %(type)s."), type=type_of(value))


def is_empty(value: Value) -> bool:
    """Whether there is nothing: no value, an empty text, an empty list."""
    return value is None or value in ("", ())


def equals(left: Value, right: Value) -> bool:
    """Whether both are the same; a list of one is the same as the one."""
    if type(left) is not type(right):
        left, right = single(left), single(right)
        if type(left) is not type(right):
            return False
    if isinstance(left, datetime):
        return bool(left.astimezone(UTC) == right.astimezone(UTC))
    return bool(left == right)


def orders(compare: Callable[[Any, Any], bool], left: Value, right: Value) -> bool:
    """Compare two numbers, texts, moments or durations; of unlike things neither is the larger."""
    left, right = single(left), single(right)
    if type(left) is not type(right) or not isinstance(left, Decimal | str | datetime | timedelta):
        return False
    if isinstance(left, datetime):
        return compare(left.astimezone(UTC), right.astimezone(UTC))
    return compare(left, right)


def single(value: Value) -> Value:
    """Return the only element of a list of one, None for an empty list."""
    if type(value) is tuple and len(value) < 2:  # a Ref is a tuple of another class
        return value[0] if value else None
    return value


def add(scope: Scope, left: Value, right: Value) -> Value:
    """Add numbers, durations, a moment and a duration; put texts behind each other."""
    if isinstance(left, str) or isinstance(right, str):
        return scope.budget.made(bounded(_text(scope, left) + _text(scope, right)))
    match left, right:
        case Decimal(), Decimal():
            return reckon(NUMBERS.add, left, right)
        case timedelta(), timedelta():
            return left + right
        case datetime(), timedelta():
            return _later(left, right)
        case timedelta(), datetime():
            return _later(right, left)
    raise _cannot("+", left, right)


def subtract(scope: Scope, left: Value, right: Value) -> Value:  # noqa: ARG001 - as add
    """Subtract numbers, durations, a duration from a moment; of two moments return what lies between."""
    match left, right:
        case Decimal(), Decimal():
            return reckon(NUMBERS.subtract, left, right)
        case timedelta(), timedelta():
            return left - right
        case datetime(), timedelta():
            return _later(left, -right)
        case datetime(), datetime():
            return left.astimezone(UTC) - right.astimezone(UTC)
    raise _cannot("-", left, right)


def multiply(scope: Scope, left: Value, right: Value) -> Value:  # noqa: ARG001 - as add
    """Multiply numbers, or a duration by a number."""
    match left, right:
        case Decimal(), Decimal():
            return reckon(NUMBERS.multiply, left, right)
        case timedelta(), Decimal():
            return left * float(right)
        case Decimal(), timedelta():
            return right * float(left)
    raise _cannot("*", left, right)


def divide(scope: Scope, left: Value, right: Value) -> Value:  # noqa: ARG001 - as add
    """Divide numbers, or a duration by a number; empty for a division by zero."""
    if isinstance(right, Decimal) and not right:
        return None
    match left, right:
        case Decimal(), Decimal():
            return reckon(NUMBERS.divide, left, right)
        case timedelta(), Decimal():
            return left / float(right)
    raise _cannot("/", left, right)


def negative(value: Value) -> Value:
    """Return a number or a duration with the other sign."""
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, timedelta):
        return -value
    raise Unfit(
        N_("A minus stands before a number or a duration, and this is %(type)s."), type=type_of(value)
    )


def reckon(step: Callable[..., Decimal], *numbers: Decimal) -> Decimal | None:
    """Calculate with numbers. Raises Unfit when the result is too large; empty when there is none."""
    try:
        return step(*numbers)
    except (DivisionByZero, InvalidOperation):
        return None
    except DecimalException:
        raise Unfit(N_("The result is larger than any number may be.")) from None


TYPES: Final[dict[type, str]] = {
    bool: N_("a logical value"),
    Decimal: N_("a number"),
    str: N_("a text"),
    datetime: N_("a date and time"),
    timedelta: N_("a duration"),
    Ref: N_("a record"),
    tuple: N_("a list"),
    type(None): N_("empty"),
}


def type_of(value: Value) -> str:
    """Return the name of a value's type; whoever shows it translates it."""
    return TYPES.get(type(value), type(value).__name__)


def _cannot(sign: str, left: Value, right: Value) -> Unfit:
    return Unfit(
        N_("“%(sign)s” does not go between these: %(left)s and %(right)s."),
        sign=sign, left=type_of(left), right=type_of(right),
    )  # fmt: skip


def _text(scope: Scope, value: Value) -> str:
    return value if isinstance(value, str) else show(value, scope.language)


def _later(moment: datetime, span: timedelta) -> datetime:
    """By the time that passes, whatever the clocks do meanwhile."""
    return (moment.astimezone(UTC) + span).astimezone(moment.tzinfo)
