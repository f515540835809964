"""What stands between and before values: conditions, comparisons, calculations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

from webapp.languages.formulas import operators, tree
from webapp.languages.formulas.compiler import BOOLEAN, Compiler, Evaluate, Part, at, holding
from webapp.languages.formulas.hints import UNKNOWN, Hint
from webapp.languages.formulas.types import Type
from webapp.languages.scope import Scope
from webapp.languages.store import Value


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
    result = parts[0]
    for sign, part in zip(node.operators, parts[1:], strict=True):
        work, hint = _SIGNS[sign](result, part)
        result = Part(at(node.place, work), hint)
    return result


def _all_of(conditions: Sequence[Evaluate]) -> Evaluate:
    if len(conditions) == 2:  # the usual case, without a loop
        first, second = conditions
        return lambda scope: first(scope) and second(scope)
    return lambda scope: all(condition(scope) for condition in conditions)


def _any_of(conditions: Sequence[Evaluate]) -> Evaluate:
    return lambda scope: any(condition(scope) for condition in conditions)


def _comparing(compare: Callable[[Value, Value], bool]) -> Callable[[Part, Part], Part]:
    def make(left: Part, right: Part) -> Part:
        one, other = left.evaluate, right.evaluate
        return Part(lambda scope: compare(one(scope), other(scope)), BOOLEAN)

    return make


def _calculating(calculate: Callable[[Scope, Value, Value], Value]) -> Callable[[Part, Part], Part]:
    def make(left: Part, right: Part) -> Part:
        one, other = left.evaluate, right.evaluate

        def evaluate(scope: Scope) -> Value:
            first, second = operators.single(one(scope)), operators.single(other(scope))
            return None if first is None or second is None else calculate(scope, first, second)

        types = {left.hint.whole, right.hint.whole}
        return Part(evaluate, Hint(types.pop()) if len(types) == 1 and Type.MOMENT not in types else UNKNOWN)

    return make


def _order(compare: Callable[[Any, Any], bool]) -> Callable[[Part, Part], Part]:
    return _comparing(lambda left, right: operators.orders(compare, left, right))


_SIGNS: Final[dict[str, Callable[[Part, Part], Part]]] = {
    "==": _comparing(operators.equals),
    "!=": _comparing(lambda left, right: not operators.equals(left, right)),
    "<": _order(operator.lt),
    "<=": _order(operator.le),
    ">": _order(operator.gt),
    ">=": _order(operator.ge),
    "+": _calculating(operators.add),
    "-": _calculating(operators.subtract),
    "*": _calculating(operators.multiply),
    "/": _calculating(operators.divide),
}
