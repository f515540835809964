"""What names between subject and object do. Each is registered with its words in predicates.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from webapp.languages.formulas import operators
from webapp.languages.formulas.operators import Unfit
from webapp.languages.n3 import tree
from webapp.languages.n3.running import UNBOUND, Bindings, Effect, Property, Run, each_of, unify, value_of
from webapp.languages.store import Ref, Value
from webapp.languages.values.kind import N_

Find = Callable[[Run, tree.Triple, Bindings], Iterator[Bindings]]

#: By "namespace:name".
PREDICATES: Final[dict[str, Find]] = {}
#: Classes that have a name of their own, and how the store calls them.
_CLASSES: Final = {"account:Account": "account", "cmw:UserTask": "task"}
#: Those that can be asked without a subject.
WITHOUT_SUBJECT: Final[set[str]] = {"rdf:type"}


def predicate(*names: str) -> Callable[[Find], Find]:
    """Register what finds the solutions of triples with these names."""

    def register(find: Find) -> Find:
        PREDICATES.update(dict.fromkeys(names, find))
        return find

    return register


def subject_of(triple: tree.Triple, bindings: Bindings) -> Value:
    """Return the subject's value. Raises Unfit when it has none."""
    value = value_of(triple.subject, bindings)
    if value is UNBOUND:
        raise Unfit(N_("The subject has no value here."))
    return value


def computes(work: Callable[[Any, Value], Value], *names: str) -> None:
    """Register predicates whose object is computed of the subject; an empty result finds nothing."""

    def find(run: Run, triple: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
        value = work(run.scope, subject_of(triple, bindings))
        if value is not None:
            found = unify(triple.object, value, bindings)
            if found is not None:
                yield found

    predicate(*names)(find)


def tests(holds: Callable[[Value, Value], bool], *names: str) -> None:
    """Register predicates that compare subject and object."""

    def find(_run: Run, triple: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
        left, right = subject_of(triple, bindings), value_of(triple.object, bindings)
        if right is UNBOUND:
            raise Unfit(N_("The object has no value here."))
        if holds(left, right):
            yield bindings

    predicate(*names)(find)


def reads(namespace: str, *attributes: str) -> None:
    """Register predicates that read an attribute of a document, a revision or an account."""
    for attribute in attributes:
        predicate(f"{namespace}:{attribute}")(_reading(attribute))


def _reading(attribute: str) -> Find:
    def find(run: Run, triple: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
        for thing in each_of(subject_of(triple, bindings)):
            yield from values_of(run, thing, attribute, triple, bindings)

    return find


def values_of(
    run: Run, thing: Value, attribute: str, triple: tree.Triple, bindings: Bindings
) -> Iterator[Bindings]:
    """Yield the bindings for each value of an attribute. Raises Unfit when the thing has no attributes."""
    if type(thing) is not Ref:
        raise Unfit(N_("Only a record has attributes, and this is %(type)s."), type=operators.type_of(thing))
    for value in each_of(run.scope.read(thing, attribute)):
        run.step()
        found = unify(triple.object, value, bindings)
        if found is not None:
            yield found
            if isinstance(triple.object, tree.Anything):
                return


@predicate("object:findProperty")
def find_property(_run: Run, triple: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """An attribute by the names of its template and its own."""
    names = subject_of(triple, bindings)
    if type(names) is not tuple or len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise Unfit(N_('Write a template and an attribute: ("Template" "Attribute").'))
    found = unify(triple.object, Property(*names), bindings)
    if found is not None:
        yield found


@predicate("rdf:type")
def is_a(run: Run, triple: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """The records of a template, or whether one belongs to it."""
    template = _template_of(triple.object)
    records = tuple(run.scope.store.records_of(template))
    run.scope.keep_together(records)
    known = value_of(triple.subject, bindings)
    if known is not UNBOUND:
        if known in records:
            yield bindings
        return
    for record in records:
        run.step()
        found = unify(triple.subject, record, bindings)
        if found is not None:
            yield found


def _template_of(term: tree.Term) -> str:
    if isinstance(term, tree.Kind) and (term.name.namespace, term.name.local) == ("object", "alias"):
        return term.value
    if isinstance(term, tree.Name):
        return {"account:Account": "account", "cmw:UserTask": "task"}.get(
            f"{term.namespace}:{term.local}", term.local
        )
    raise Unfit(N_('Write the template so: [object:alias "Template"].'))


@predicate("list:member")
def member(run: Run, triple: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """Each value of a list."""
    for value in each_of(subject_of(triple, bindings)):
        run.step()
        found = unify(triple.object, value, bindings)
        if found is not None:
            yield found


@predicate("operator:add", "operator:replace", "operator:clear", "document:attach")
def wants(run: Run, triple: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """Something to be done when the program is over."""
    assert isinstance(triple.predicate, tree.Name)  # noqa: S101 - it was found by its name
    subject = triple.subject.local if isinstance(triple.subject, tree.Name) else subject_of(triple, bindings)
    value = value_of(triple.object, bindings)
    kind = f"{triple.predicate.namespace}:{triple.predicate.local}"
    run.effects.append(Effect(kind, subject, None if value is UNBOUND else value))
    yield bindings


reads("document", "currentRevision", "revision", "name", "title", "revisionExtension", "content", "httpUri")
reads("account", "mbox", "fullName", "displayName", "username", "manager", "active", "title", "department")
reads("account", "phone", "language", "office", "status", "timeZone", "userGroupMembership")
reads("account", "groupName", "groupUsers")
reads(
    "cmw", "taskStatus", "assignee", "possibleAssignee", "dueDate", "title", "id", "container", "isDisabled"
)
