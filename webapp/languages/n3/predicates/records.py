"""Templates, their records and attributes, and what the program knows of the session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webapp.languages.errors import Unfit
from webapp.languages.n3 import tree
from webapp.languages.n3.predicates.registry import finds, subject_of
from webapp.languages.n3.running import UNBOUND, Bindings, Property, Run, each_of, unify, value_of
from webapp.languages.values.kind import N_

#: Classes that have a name of their own, and what the store calls them.
CLASSES: Final = {"account:Account": "account", "account:Group": "team", "cmw:UserTask": "task"}


@finds("object:findProperty")
def find_property(_run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """An attribute by the names of its template and its own."""
    names = subject_of(node, bindings)
    if type(names) is not tuple or len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise Unfit(N_('Write a template and an attribute: ("Template" "Attribute").'))
    found = unify(node.object, Property(*names), bindings)
    if found is not None:
        yield found


@finds("object:alias")
def alias(_run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """A template and its system name, which stands for it in programs."""
    name = value_of(node.object, bindings)
    term, value = (node.object, subject_of(node, bindings)) if name is UNBOUND else (node.subject, name)
    found = unify(term, value, bindings)
    if found is not None:
        yield found


@finds("rdf:type")
def is_a(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """The records of a template, or whether one belongs to it."""
    records = run.scope.records_of(_template_of(node.object, bindings))
    known = value_of(node.subject, bindings)
    if known is not UNBOUND:
        if known in records:
            yield bindings
        return
    for record in records:
        run.step()
        found = unify(node.subject, record, bindings)
        if found is not None:
            yield found


def _template_of(term: tree.Term, bindings: Bindings) -> str:
    if isinstance(term, tree.Name):
        return CLASSES[f"{term.namespace}:{term.local}"]
    name = term.value if isinstance(term, tree.Kind) else value_of(term, bindings)
    if not isinstance(name, str):
        raise Unfit(N_('Write the template so: [object:alias "Template"].'))
    return name


@finds("cmw:currentUser")
def current_user(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """The account for which the program runs, if any."""
    found = None if run.scope.user is None else unify(node.object, run.scope.user, bindings)
    if found is not None:
        yield found


@finds("session:requestTime")
def request_time(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """The moment at which the program runs."""
    found = unify(node.object, run.scope.now, bindings)
    if found is not None:
        yield found


@finds("variable:*")
def variable(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """A variable of the scenario, or a part of one that has parts."""
    assert isinstance(node.predicate, tree.Name)  # noqa: S101 - it was found by its name
    name = node.predicate.local
    if isinstance(node.subject, tree.Name):
        value = run.scope.local(run.scope.store.variable(name))
    else:
        holder = subject_of(node, bindings)
        value = holder.get(name) if isinstance(holder, dict) else None
    for each in each_of(value):
        found = unify(node.object, each, bindings)
        if found is not None:
            yield found
