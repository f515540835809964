"""What stands between and before values: conditions, comparisons, calculations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from webapp.languages.formulas import operators, tree
from webapp.languages.formulas.compiler import BOOLEAN, Compiler, Evaluate, Part, at, holding
from webapp.languages.formulas.hints import UNKNOWN, Hint
from webapp.languages.formulas.types import Type
from webapp.languages.scope import Scope
from webapp.languages.store import Value

#: What a sign does with the values on both sides of it.
Work = Callable[[Scope, Value, Value], Value]
Compare = Callable[[Value, Value], bool]


def prefixed(compiler: Compiler, node: tree.Prefixed) -> Part:
    """Compile ``-operand`` and ``!operand``."""
    operand, hint = compiler.compile(node.operand)
    if node.operator == "!":
        holds = holding(node.operand.place, operand)
        return Part(lambda scope: not holds(scope), BOOLEAN)

    def evaluate(scope: Scope) -> Value:
        value = operators.single(operand(scope))
        return None if value is None else operators.negative(value)

    return Part(at(node.place, evaluate), Hint(hint.type))


def chain(compiler: Compiler, node: tree.Chain) -> Part:
    """Compile operands with operators between them."""
    parts = [compiler.compile(each) for each in node.operands]
    if node.operators[0] in {"&&", "||"}:
        pairs = zip(node.operands, parts, strict=True)
        conditions = tuple(holding(each.place, part.evaluate) for each, part in pairs)
        decide = _all_of if node.operators[0] == "&&" else _any_of
        return Part(decide(conditions), BOOLEAN)
    work = _from_left_to_right(node.operators, [part.evaluate for part in parts])
    return Part(at(node.place, work), _hint(node.operators, [part.hint for part in parts]))


def _from_left_to_right(signs: Sequence[str], operands: Sequence[Evaluate]) -> Evaluate:
    """Return what goes through the operands in a loop: as calls in calls a long chain would be too deep."""
    first, *others = operands
    if len(signs) == 1 and signs[0] in _COMPARISONS:  # the usual case, without a loop
        compare, (second,) = _COMPARISONS[signs[0]], others
        return lambda scope: compare(first(scope), second(scope))
    steps = tuple(zip(map(_SIGNS.__getitem__, signs), others, strict=True))

    def evaluate(scope: Scope) -> Value:
        value = first(scope)
        for work, operand in steps:
            scope.budget.look_at_clock()
            value = work(scope, value, operand(scope))
        return value

    return evaluate


def _hint(signs: Sequence[str], hints: Sequence[Hint]) -> Hint:
    """Return what is known of the result: what is calculated of one type is of that type."""
    if signs[0] in _COMPARISONS:
        return BOOLEAN
    types = {hint.whole for hint in hints}
    return Hint(types.pop()) if len(types) == 1 and Type.MOMENT not in types else UNKNOWN


def _all_of(conditions: Sequence[Evaluate]) -> Evaluate:
    if len(conditions) == 2:  # the usual case, without a loop
        first, second = conditions
        return lambda scope: first(scope) and second(scope)
    return lambda scope: all(condition(scope) for condition in conditions)


def _any_of(conditions: Sequence[Evaluate]) -> Evaluate:
    return lambda scope: any(condition(scope) for condition in conditions)


def _calculating(calculate: Work) -> Work:
    """Return the same for values of which one may be empty, or the only one of a list."""

    def work(scope: Scope, left: Value, right: Value) -> Value:
        first, second = operators.single(left), operators.single(right)
        return None if first is None or second is None else calculate(scope, first, second)

    return work


def _comparing(compare: Compare) -> Work:
    return lambda _scope, left, right: compare(left, right)


_COMPARISONS: Final[dict[str, Compare]] = {
    "==": operators.equals,
    "!=": lambda left, right: not operators.equals(left, right),
    "<": partial(operators.orders, operator.lt),
    "<=": partial(operators.orders, operator.le),
    ">": partial(operators.orders, operator.gt),
    ">=": partial(operators.orders, operator.ge),
}
_SIGNS: Final[dict[str, Work]] = {
    **{sign: _comparing(compare) for sign, compare in _COMPARISONS.items()},
    "+": _calculating(operators.add),
    "-": _calculating(operators.subtract),
    "*": _calculating(operators.multiply),
    "/": _calculating(operators.divide),
}
