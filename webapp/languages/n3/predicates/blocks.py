"""What counts, sorts and joins the solutions of whole blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from webapp.languages.errors import Unfit
from webapp.languages.formulas.functions.lists import sort_key
from webapp.languages.formulas.operators import equals
from webapp.languages.n3 import tree
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.predicates.registry import CompileBlock, compiles, finds
from webapp.languages.n3.running import UNBOUND, Bindings, Run, Solve, each_of, unify, value_of
from webapp.languages.store import Value
from webapp.languages.values.kind import N_


@compiles("assert:count")
def count(node: tree.Triple, compile_block: CompileBlock) -> Solve:
    """Compile ``{…} assert:count ?n``."""
    find = compile_block(_blocks_of(node)[0])

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        found = unify(node.object, Decimal(sum(1 for _ in find(run, bindings))), bindings)
        if found is not None:
            yield found

    return solve


@compiles("assert:distinct")
def distinct(node: tree.Triple, compile_block: CompileBlock) -> Solve:
    """Compile ``{…} assert:distinct ?v``: a solution for each value of the variable."""
    find = compile_block(_blocks_of(node)[0])

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        seen: list[Value] = []
        for found in find(run, bindings):
            value = value_of(node.object, found)
            if not any(equals(value, each) for each in seen):
                seen.append(value)
                yield found

    return solve


@compiles("assert:union")
def union(node: tree.Triple, compile_block: CompileBlock) -> Solve:
    """Compile ``({…} {…}) assert:union true``: all solutions of all blocks."""
    branches = [compile_block(each) for each in _blocks_of(node)]

    def solve(run: Run, bindings: Bindings) -> Iterator[Bindings]:
        for branch in branches:
            yield from branch(run, bindings)

    return solve


@finds("assert:sort")
def sort(_run: Run, node: tree.Triple, bindings: Bindings) -> Iterator[Bindings]:
    """A list in order. The comparer behind it says nothing more: the types of the values do."""
    subject = node.subject.items[0] if isinstance(node.subject, tree.Many) else node.subject
    values = value_of(subject, bindings)
    if values is UNBOUND:
        raise Unfit(N_("The subject has no value here."))
    found = unify(node.object, tuple(sorted(each_of(values), key=sort_key)), bindings)
    if found is not None:
        yield found


def _blocks_of(node: tree.Triple) -> Sequence[tree.Block]:
    terms = node.subject.items if isinstance(node.subject, tree.Many) else (node.subject,)
    found = [each for each in terms if isinstance(each, tree.Block)]
    if not found or len(found) < len(terms):
        raise ProgramError(node.place, N_("Blocks in braces are needed here."))
    return found
