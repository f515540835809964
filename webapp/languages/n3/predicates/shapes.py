"""Predicates that need no code of their own: they read an attribute, or call a function of formulas."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.languages.errors import Unfit
from webapp.languages.formulas import operators
from webapp.languages.formulas.calls import applied
from webapp.languages.formulas.catalogue import functions
from webapp.languages.n3 import tree
from webapp.languages.n3.predicates.registry import (
    CompileBlock,
    Make,
    computing,
    finding,
    subject_of,
    testing,
)
from webapp.languages.n3.running import Bindings, Run, Solve, each_of, unify, value_of
from webapp.languages.scope import Scope
from webapp.languages.store import Ref, Value
from webapp.languages.values.kind import N_


def reading(attribute: str) -> Make:
    """Return what finds the values of an attribute of the subject, or of each of several."""

    def find(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
        for thing in each_of(subject_of(node, bindings)):
            yield from values_of(run, thing, attribute, node, bindings)

    return finding(find)


def values_of(
    run: Run, thing: Value, attribute: str, node: tree.Triple, bindings: Bindings
) -> Iterator[Bindings]:
    """Yield the bindings for each value of an attribute. Raises Unfit when the thing has no attributes."""
    if type(thing) is not Ref:
        raise Unfit(N_("Only a record has attributes, and this is %(type)s."), type=operators.type_of(thing))
    for value in each_of(run.scope.read(thing, attribute)):
        run.step()
        found = unify(node.object, value, bindings)
        if found is not None:
            yield found
            if isinstance(node.object, tree.Anything):
                return


def calling(name: str, predicate: str, written: str, *, is_test: bool) -> Make:
    """Return what calls a function of formulas with the values of the subject, or for a test with both."""
    function = functions()[name]

    def work(scope: Scope, *values: Value) -> Value:
        if len(values) < function.fewest or (function.most is not None and len(values) > function.most):
            raise Unfit(N_("%(name)s is written %(signature)s."), name=predicate, signature=written)
        return applied(function, scope, values, predicate)

    if is_test:
        return finding(testing(work))
    return finding(computing(lambda scope, value: work(scope, *each_of(value))))


def nullable(make: Make) -> Make:
    """Return the same, but where something is empty in the subject, so is the object."""

    def made(node: tree.Triple, compile_block: CompileBlock) -> Solve:
        solve = make(node, compile_block)

        def solve_or_empty(run: Run, bindings: Bindings) -> Iterator[Bindings]:
            if not _has_gap(value_of(node.subject, bindings)):
                yield from solve(run, bindings)
                return
            found = unify(node.object, None, bindings)
            if found is not None:
                yield found

        return solve_or_empty

    return made


def _has_gap(value: Value) -> bool:
    return value in (None, "", ()) or (type(value) is tuple and (None in value or () in value))
