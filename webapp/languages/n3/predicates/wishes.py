"""What a program wants done. It does nothing itself: whoever runs it carries the wishes out, or does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.languages.errors import Unfit
from webapp.languages.n3 import tree
from webapp.languages.n3.predicates.registry import finds, object_of, subject_of
from webapp.languages.n3.running import UNBOUND, Bindings, Effect, Run, unify, value_of
from webapp.languages.store import Value
from webapp.languages.values.kind import N_


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that will be there when the wish is carried out; until then it stands for itself."""

    name: str
    content: str

    def __str__(self) -> str:
        return self.name


@finds("operator:add", "operator:replace", "operator:clear")
def changes(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """A variable that gets a value, one more, or none."""
    assert isinstance(node.predicate, tree.Name)  # noqa: S101 - it was found by its name
    value = None if isinstance(node.object, tree.Anything) else object_of(node, bindings)
    run.effects.append(Effect(f"operator:{node.predicate.local}", _target(node.subject, bindings), value))
    yield bindings


@finds("document:attach")
def attach(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """A document made of a content and a name."""
    parts = subject_of(node, bindings)
    if type(parts) is not tuple or len(parts) != 2 or not all(isinstance(part, str) for part in parts):
        raise Unfit(N_("Write a content and a name: (?content ?name)."))
    content, name = parts
    document = NewDocument(name, content)
    found = unify(node.object, document, bindings)
    if found is not None:
        run.effects.append(Effect("document:attach", parts, document))
        yield found


def _target(term: tree.Term, bindings: Bindings) -> Value:
    """Return the name of a variable, or a thing and the name of what it has."""
    if isinstance(term, tree.Name):
        return term.local
    if isinstance(term, tree.Many):
        return tuple(_target(each, bindings) for each in term.items)
    value = value_of(term, bindings)
    if value is UNBOUND:
        raise Unfit(N_("The subject has no value here."))
    return value
