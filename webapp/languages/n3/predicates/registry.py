"""Where predicates announce themselves, and the shapes that their work has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from webapp.languages.errors import Unfit
from webapp.languages.n3 import tree
from webapp.languages.n3.running import UNBOUND, Bindings, Run, Solve, unify, value_of
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

Find = Callable[[Run, tree.Triple, Bindings], Iterator[Bindings]]
CompileBlock = Callable[[tree.Block], Solve]
#: From a triple to what finds its solutions. Blocks are compiled by whoever compiles the triple.
Make = Callable[[tree.Triple, CompileBlock], Solve]

#: By "namespace:name".
CODE: Final[dict[str, Make]] = {}


def compiles(name: str) -> Callable[[Make], Make]:
    """Register what makes the solver of a triple with this predicate."""

    def register(make: Make) -> Make:
        CODE[name] = make
        return make

    return register


def finds(*names: str) -> Callable[[Find], Find]:
    """Register what finds the solutions of triples with these predicates."""

    def register(find: Find) -> Find:
        CODE.update(dict.fromkeys(names, finding(find)))
        return find

    return register


def computes(name: str) -> Callable[[Callable[[Value], Value]], Callable[[Value], Value]]:
    """Register a predicate whose object is computed of its subject; an empty result finds nothing."""

    def register(work: Callable[[Value], Value]) -> Callable[[Value], Value]:
        CODE[name] = finding(computing(lambda _scope, value: work(value)))
        return work

    return register


def finding(find: Find) -> Make:
    """Return the maker for what finds the solutions of a triple."""
    return lambda node, _compile_block: lambda run, bindings: find(run, node, bindings)


def computing(work: Callable[[Scope, Value], Value]) -> Find:
    """Return what finds the object that is computed of the subject."""

    def find(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
        value = run.scope.budget.made(work(run.scope, subject_of(node, bindings)))
        found = None if value is None else unify(node.object, value, bindings)
        if found is not None:
            yield found

    return find


def testing(holds: Callable[[Scope, Value, Value], Value]) -> Find:
    """Return what finds out whether something holds between subject and object."""

    def find(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
        if holds(run.scope, subject_of(node, bindings), object_of(node, bindings)):
            yield bindings

    return find


def subject_of(node: tree.Triple, bindings: Bindings) -> Value:
    """Return the subject's value. Raises Unfit when it has none."""
    value = value_of(node.subject, bindings)
    if value is UNBOUND:
        raise Unfit(N_("The subject has no value here."))
    return value


def object_of(node: tree.Triple, bindings: Bindings) -> Value:
    """Return the object's value. Raises Unfit when it has none."""
    value = value_of(node.object, bindings)
    if value is UNBOUND:
        raise Unfit(N_("The object has no value here."))
    return value
