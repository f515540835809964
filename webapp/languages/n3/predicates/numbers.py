"""Numbers: what formulas have a sign for, and no function."""

from __future__ import annotations

from webapp.languages.formulas import operators
from webapp.languages.n3.predicates.registry import computes
from webapp.languages.store import Value


@computes("math:negation")
def negate(value: Value) -> Value:
    """A number or a duration with the other sign."""
    return operators.negative(operators.single(value))
