"""Calls of functions: which one is meant, whether the arguments fit, and how it gets their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from webapp.languages.errors import Unfit
from webapp.languages.formulas import operators, tree
from webapp.languages.formulas.catalogue import Function, functions
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.hints import Hint
from webapp.languages.formulas.types import CLASSES, Parameter, Type
from webapp.languages.scope import Scope
from webapp.languages.store import Named, UnknownName, Value
from webapp.languages.unknown_names import said_of
from webapp.languages.values.kind import N_

Evaluate = Callable[[Scope], Value]
Fit = Callable[[Value], Value]


def found(node: tree.Call) -> Function:
    """Return the function that is called. Raises FormulaError with the nearest name."""
    function = functions().get(node.name)
    if function is not None:
        return function
    message, facts = said_of(UnknownName(node.name, functions(), Named.FUNCTION))
    raise FormulaError(node.place, message, **facts)


def check(node: tree.Call, function: Function, hints: Sequence[Hint]) -> None:
    """Raise FormulaError when there are too few or too many arguments, or one is of a wrong type."""
    count = len(node.arguments)
    if count < function.fewest or (function.most is not None and count > function.most):
        raise FormulaError(
            node.place,
            N_("%(name)s is written %(signature)s."),
            name=function.name,
            signature=function.signature,
        )
    for argument, hint, parameter in zip(node.arguments, hints, _parameters(function, count), strict=True):
        if isinstance(argument, tree.AnyWhere) and function.name != "ANY":
            raise FormulaError(argument.place, N_("Square brackets stand only inside ANY."))
        if not _may_fit(hint, parameter):
            raise FormulaError(
                argument.place,
                N_("%(name)s cannot take this here: it is %(type)s."),
                name=function.name, type=operators.TYPES[CLASSES[hint.type]],
            )  # fmt: skip


def hint(function: Function, hints: Sequence[Hint]) -> Hint:
    """Return what is known of the result."""
    if function.name == "IF" and hints[1] == hints[2]:
        return hints[1]
    if function.name in {"FIRST", "LAST", "VALUE"} and len(hints) == 1:
        return Hint(hints[0].type, leads_to=hints[0].leads_to)
    if function.name in {"DISTINCT", "ASCENDING", "DESCENDING", "UNION"} and hints:
        return Hint(hints[0].type, is_many=True, leads_to=hints[0].leads_to)
    if function.name == "USER":
        return Hint(Type.THING, leads_to="account")
    return Hint(Type.ANY, is_many=True) if function.gives is Type.LIST else Hint(function.gives)


def bound(function: Function, arguments: Sequence[Evaluate]) -> Evaluate:
    """Return what calls the function with the values of its arguments."""
    work = function.code.work
    if function.code.is_lazy:
        return lambda scope: work(scope, *arguments)
    pairs = tuple(zip(arguments, _fits(function.name, len(arguments), function.name), strict=True))
    takes_empty = function.code.takes_empty

    def evaluate(scope: Scope) -> Value:
        scope.budget.look_at_clock()
        values = [fit(argument(scope)) for argument, fit in pairs]
        if not takes_empty and None in values:
            return None
        return scope.budget.made(work(scope, *values))

    return evaluate


def applied(function: Function, scope: Scope, values: Sequence[Value], name: str) -> Value:
    """Return the result for values that are there already; errors call the function by this name.

    Raises Unfit when one is of a wrong type. Of how many values there are the caller has made sure.
    """
    pairs = zip(values, _fits(function.name, len(values), name), strict=True)
    fitting = [fit(value) for value, fit in pairs]
    if not function.code.takes_empty and None in fitting:
        return None
    return function.code.work(scope, *fitting)


@lru_cache(maxsize=1024)
def _fits(function: str, count: int, name: str) -> tuple[Fit, ...]:
    return tuple(_fitting(name, each) for each in _parameters(functions()[function], count))


def _parameters(function: Function, count: int) -> list[Parameter]:
    listed = list(function.parameters[:count])
    return listed + [function.parameters[-1]] * (count - len(listed)) if listed else []


def _may_fit(hint: Hint, parameter: Parameter) -> bool:
    if Type.ANY in parameter.types or hint.type is Type.ANY:
        return True
    # Of a list it is known only later whether it has one element, which then stands for itself.
    return hint.type in parameter.types or Type.LIST in parameter.types


def _fitting(name: str, parameter: Parameter) -> Fit:
    """Return what makes a value fit, such as the only element of a list for the list. It raises Unfit."""
    classes = parameter.classes
    if not classes:
        return lambda value: value
    wants_list = Type.LIST in parameter.types

    def fit(value: Value) -> Value:
        if type(value) in classes or value is None:
            return value
        if wants_list:
            return (value,)
        alone = operators.single(value)
        if type(alone) in classes or alone is None:
            return alone
        raise Unfit(
            N_("%(name)s cannot take this as %(argument)s: it is %(type)s."),
            name=name, argument=parameter.name, type=operators.type_of(alone),
        )  # fmt: skip

    return fit
