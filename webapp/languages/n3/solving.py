"""From statements to what finds their solutions: in their order, going back when one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from webapp.languages.errors import CANNOT_BE_USED, MISUSE, Place, Unfit
from webapp.languages.formulas.functions.lists import spread
from webapp.languages.formulas.operators import equals
from webapp.languages.n3 import tree
from webapp.languages.n3.catalogue import find
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.predicates.shapes import values_of
from webapp.languages.n3.running import (
    UNBOUND,
    Bindings,
    Property,
    Run,
    Solve,
    bounded,
    each_of,
    unify,
    value_of,
)
from webapp.languages.scope import Scope
from webapp.languages.store import Ref, TooMany, UnknownName
from webapp.languages.unknown_names import said_of
from webapp.languages.values.kind import N_


def block(node: tree.Block) -> Solve:
    """Return what finds the bindings with which all statements of a block hold."""
    steps = tuple(_at(each.place, _SOLVERS[type(each)](each)) for each in node.statements)

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        if not steps:
            yield bindings
            return
        tried = [steps[0](run, bindings)]
        while tried:
            found = next(tried[-1], None)
            if found is None:  # this statement has no other solution: back to the one before
                tried.pop()
                continue
            run.step()
            if len(tried) == len(steps):
                yield found
            else:
                tried.append(steps[len(tried)](run, found))

    return solve


def _at(place: Place, solve: Solve) -> Solve:
    """Return the same that names the place of what goes wrong."""

    def located(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        try:
            run.scope.budget.look_at_clock()
            yield from solve(run, bindings)
        except ProgramError:
            raise
        except Unfit as error:
            raise ProgramError(place, error.message, **error.facts) from None
        except UnknownName as error:
            message, facts = said_of(error)
            raise ProgramError(place, message, **facts) from None
        except TooMany:
            raise ProgramError(place, N_("These are too many records to be read at once.")) from None
        except MISUSE:
            raise ProgramError(place, CANNOT_BE_USED) from None

    return located


def _triple(node: tree.Triple) -> Solve:
    if isinstance(node.predicate, tree.Variable):
        return _by_property(node, node.predicate)
    predicate = find(node.predicate.full)
    assert predicate is not None  # noqa: S101 - a program is checked before it is compiled
    return predicate.make(node, block)


def _by_property(node: tree.Triple, name: tree.Variable) -> Solve:
    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        known = bindings.get(name.name, UNBOUND)
        if type(known) is not Property:
            raise Unfit(N_("?%(name)s is no attribute: object:findProperty finds one."), name=name.name)
        subject = value_of(node.subject, bindings)
        if subject is not UNBOUND:
            for thing in each_of(subject):
                yield from values_of(run, thing, known.attribute, node, bindings)
            return
        for record in _candidates(run.scope, node.object, known, bindings):
            found = unify(node.subject, record, bindings)
            if found is not None:
                yield from values_of(run, record, known.attribute, node, found)

    return solve


def _candidates(scope: Scope, value: tree.Term, known: Property, bindings: Bindings) -> Sequence[Ref]:
    """Return the records that may have the value: by the links to it, else all of the template."""
    wanted = value_of(value, bindings)
    if type(wanted) is Ref:
        return tuple(scope.leading_to(wanted, known.template, known.attribute))
    return scope.records_of(known.template)


def _assign(node: tree.Assign) -> Solve:
    def solve(_run: Run, bindings: Bindings) -> Iterator[Bindings]:
        value = value_of(node.value, bindings)
        if value is UNBOUND:
            raise Unfit(N_("This has no value here."))
        found = unify(node.target, value, bindings)
        if found is not None:
            yield found

    return solve


def _compare(node: tree.Compare) -> Solve:
    def solve(_run: Run, bindings: Bindings) -> Iterator[Bindings]:
        left, right = value_of(node.left, bindings), value_of(node.right, bindings)
        if UNBOUND not in (left, right):
            if equals(left, right) is node.is_equal:
                yield bindings
        elif node.is_equal and left is not right:  # one of them takes the value of the other
            term, value = (node.left, right) if left is UNBOUND else (node.right, left)
            found = unify(term, value, bindings)
            if found is not None:
                yield found
        else:
            raise Unfit(N_("This has no value here."))

    return solve


def _choose(node: tree.Choose) -> Solve:
    condition, yes, no = block(node.condition), block(node.yes), block(node.no)

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        holds = next(condition(run, bindings), None)
        yield from no(run, bindings) if holds is None else yes(run, holds)

    return solve


def _either(node: tree.Either) -> Solve:
    branches = [block(each) for each in node.branches]

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        for branch in branches:
            solutions = branch(run, bindings)
            first = next(solutions, None)
            if first is not None:
                yield first
                yield from solutions
                return

    return solve


def _once(node: tree.Once) -> Solve:
    find = block(node.block)

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        first = next(find(run, bindings), None)
        if first is not None:
            yield first

    return solve


def _negate(node: tree.Negate) -> Solve:
    find = block(node.block)

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        if next(find(run, bindings), None) is None:
            yield bindings

    return solve


def _collect(node: tree.Collect) -> Solve:
    find = block(node.block)

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        values = (run.scope.budget.made(value_of(node.chosen, found)) for found in find(run, bindings))
        is_tuples = isinstance(node.chosen, tree.Many)
        listed = tuple(each for each in values if each is not UNBOUND)
        found = unify(node.target, bounded(listed) if is_tuples else spread(listed), bindings)
        if found is not None:
            yield found

    return solve


_SOLVERS: Final[dict[type[Any], Callable[[Any], Solve]]] = {
    tree.Assign: _assign,
    tree.Choose: _choose,
    tree.Collect: _collect,
    tree.Compare: _compare,
    tree.Either: _either,
    tree.Negate: _negate,
    tree.Once: _once,
    tree.Triple: _triple,
}
