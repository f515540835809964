"""Queries over records, their variables and their limits."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence

from webapp.languages.formulas import tree
from webapp.languages.formulas.compiler import BOOLEAN, Compiler, Part, at, holding
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.functions.lists import sort_key, spread
from webapp.languages.formulas.hints import Hint
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_


def query(compiler: Compiler, node: tree.Query) -> Part:
    """Compile ``from … in … where … orderby … select …``."""
    source, hint = compiler.compile(node.source)
    before = dict(compiler.locals)
    compiler.locals[node.variable] = Hint(hint.type, leads_to=hint.leads_to)
    condition = _condition(compiler, node.condition) if node.condition else None
    key = compiler.compile(node.order.key).evaluate if node.order else None
    result = compiler.compile(node.result)
    compiler.locals = before
    variable, is_descending = node.variable, bool(node.order and node.order.is_descending)

    def evaluate(scope: Scope) -> Value:
        found = [
            (sort_key(key(scope)) if key else None, result.evaluate(scope))
            for _row in _rows(scope, variable, spread((source(scope),)))
            if condition is None or condition(scope)
        ]
        if key:
            found.sort(key=operator.itemgetter(0), reverse=is_descending)
        return scope.budget.made(spread(value for _key, value in found))

    return Part(at(node.place, evaluate), Hint(result.hint.type, is_many=True, leads_to=result.hint.leads_to))


def any_where(compiler: Compiler, node: tree.AnyWhere) -> Part:
    """Compile ``[(query), variable, condition]``."""
    rows, hint = compiler.compile(node.query)
    before = dict(compiler.locals)
    compiler.locals[node.variable] = Hint(hint.type, leads_to=hint.leads_to)
    condition = _condition(compiler, node.condition)
    compiler.locals = before
    variable = node.variable

    def evaluate(scope: Scope) -> Value:
        return any(condition(scope) for _row in _rows(scope, variable, rows(scope)))

    return Part(at(node.place, evaluate), BOOLEAN)


def _condition(compiler: Compiler, node: tree.Node) -> Callable[[Scope], bool]:
    return holding(node.place, compiler.compile(node).evaluate)


def local(compiler: Compiler, node: tree.Local) -> Part:
    """Compile the variable of a query."""
    name = node.name
    if name not in compiler.locals:
        raise FormulaError(
            node.place,
            N_("“%(name)s” is no variable of a query. An attribute is written $%(name)s."),
            name=name[:80],
        )
    return Part(lambda scope: scope.locals[name], compiler.locals[name])


def _rows(scope: Scope, variable: str, rows: Sequence[Value]) -> Iterator[Value]:
    """Go through rows with the variable set to each. Raises Unfit when they are too many, or time is up."""
    scope.budget.spend_rows(len(rows))
    missing = object()
    outer = scope.locals.get(variable, missing)
    try:
        for row in rows:
            scope.budget.look_at_clock()
            scope.locals[variable] = row
            yield row
    finally:
        if outer is missing:
            scope.locals.pop(variable, None)
        else:
            scope.locals[variable] = outer
