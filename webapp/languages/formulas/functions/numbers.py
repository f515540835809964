"""Calculating with numbers, durations and moments."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from webapp.languages.formulas import operators
from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import NUMBERS, reckon

function("ADD")(operators.add)
function("SUBTRACT")(operators.subtract)
function("PRODUCT")(operators.multiply)
function("DIVIDE")(operators.divide)


@function("QUOTIENT")
def quotient(left: Decimal, right: Decimal) -> Decimal | None:
    """Return how often the right number is contained in the left one."""
    return reckon(NUMBERS.divide_int, left, right)


@function("REMAINDER")
def remainder(left: Decimal, right: Decimal) -> Decimal | None:
    """Return what the division leaves, with the sign of the left number."""
    return reckon(NUMBERS.remainder, left, right)


@function("POW")
def power(base: Decimal, degree: Decimal) -> Decimal | None:
    """Raise to a power."""
    return reckon(NUMBERS.power, base, degree)


@function("SQRT")
def square_root(number: Decimal) -> Decimal | None:
    """Return the square root; a negative number has none."""
    return reckon(NUMBERS.sqrt, number)


@function("ROUND")
def nearest(number: Decimal) -> Decimal:
    """Return the nearest whole number; a half goes away from zero."""
    return number.to_integral_value(ROUND_HALF_UP)


@function("FLOOR")
def floor(number: Decimal) -> Decimal:
    """Return the next smaller whole number."""
    return number.to_integral_value(ROUND_FLOOR)


@function("CEILING")
def ceiling(number: Decimal) -> Decimal:
    """Return the next larger whole number."""
    return number.to_integral_value(ROUND_CEILING)
