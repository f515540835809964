"""Whether two values are the same, and which is the larger."""

from __future__ import annotations

import operator
from datetime import datetime, timedelta
from decimal import Decimal

from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import equals, orders
from webapp.languages.store import Value

function("EQUALS", "EQ", takes_empty=True)(equals)
function("NOTEQUALS", "NE", takes_empty=True)(lambda left, right: not equals(left, right))
function("GREATER", "GT", takes_empty=True)(lambda left, right: orders(operator.gt, left, right))
function("GREATEREQ", "GE", takes_empty=True)(lambda left, right: orders(operator.ge, left, right))
function("LESS", "LT", takes_empty=True)(lambda left, right: orders(operator.lt, left, right))
function("LESSEQ", "LE", takes_empty=True)(lambda left, right: orders(operator.le, left, right))


@function("BETWEEN")
def between(value: Value, least: Value, most: Value) -> bool:
    """Whether a value lies between two others or is one of them."""
    return orders(operator.ge, value, least) and orders(operator.le, value, most)


@function("COMPARE")
def compare(left: datetime | timedelta, right: datetime | timedelta) -> Decimal:
    """Return -1, 0 or 1 as the left value is smaller than, the same as or larger than the right one."""
    return Decimal(orders(operator.gt, left, right) - orders(operator.lt, left, right))
