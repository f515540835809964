"""Lists: their values one by one, put together, counted."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from webapp.languages.errors import Unfit
from webapp.languages.formulas.operators import LONGEST_LIST
from webapp.languages.n3 import tree
from webapp.languages.n3.predicates.registry import computes, finds, object_of, subject_of
from webapp.languages.n3.running import Bindings, Run, each_of, unify
from webapp.languages.store import Value
from webapp.languages.values.kind import N_


@finds("list:member")
def member(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """Each value of the subject's list."""
    return _each(run, subject_of(node, bindings), node.object, bindings)


@finds("list:in")
def contained(run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """Each value of the object's list."""
    return _each(run, object_of(node, bindings), node.subject, bindings)


def _each(run: Run, values: Value, term: tree.Term, bindings: Bindings) -> Iterator[Bindings]:
    for value in each_of(values):
        run.step()
        found = unify(term, value, bindings)
        if found is not None:
            yield found


@computes("list:append")
def append(lists: Value) -> Value:
    """The values of several lists in one; what is a list inside them stays one."""
    found = tuple(value for each in each_of(lists) for value in each_of(each))
    if len(found) > LONGEST_LIST:
        raise Unfit(N_("The list would be longer than %(most)s values."), most=LONGEST_LIST)
    return found


@computes("list:length")
def length(values: Value) -> Value:
    """How many values a list has."""
    return Decimal(len(each_of(values)))


@computes("list:last")
def last(values: Value) -> Value:
    """The last value."""
    return next(reversed(each_of(values)), None)


@computes("list:at")
def at(given: Value) -> Value:
    """The value at a place, counted from 0; beyond the end there is none."""
    if type(given) is not tuple or len(given) != 2 or not isinstance(given[1], Decimal):
        raise Unfit(N_("Write a list and a place: (?list 0)."))
    values, place = each_of(given[0]), given[1]
    return values[int(place)] if 0 <= place < len(values) else None
