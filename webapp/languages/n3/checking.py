"""What is certain before a program runs: known predicates, variables that have values where they are used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any, Final

from webapp.languages.n3 import tree
from webapp.languages.n3.catalogue import Binds, Blocks, Predicate, find, predicates
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.predicates.records import CLASSES
from webapp.languages.store import Named, UnknownName
from webapp.languages.unknown_names import said_of
from webapp.languages.values.kind import N_

ITEM: Final = "item"
VALUE: Final = "value"
#: Never to be had, by whichever name.
_SECRET: Final = frozenset({"account:password"})
#: Names that stand for something besides predicates, and namespaces in which any name does.
_NAMES: Final = frozenset({"cmw:securityContext", "session:context", *CLASSES})
_FREE: Final = frozenset({"variable", "taskStatus", "sort"})

Names = frozenset[str]


def check(body: tree.Block) -> None:
    """Raise ProgramError for the first thing that cannot be meant."""
    used = _counts(body)
    _Checker(used).block(body, frozenset({ITEM}))
    if VALUE not in used:
        raise ProgramError(None, N_("The program never gives ?value a value."))


class _Checker:
    """Goes through statements in their order, with the variables that have values there."""

    def __init__(self, used: dict[str, int]) -> None:
        self._used = used

    def block(self, body: tree.Block, bound: Names) -> Names:
        for statement in body.statements:
            bound = self._statement(statement, bound)
        return bound

    def _statement(self, node: tree.Statement, bound: Names) -> Names:
        return _CHECKS[type(node)](self, node, bound)

    def assign(self, node: tree.Assign, bound: Names) -> Names:
        self._need(node.value, bound)
        return bound | _variables(node.target)

    def choose(self, node: tree.Choose, bound: Names) -> Names:
        return self.block(node.yes, self.block(node.condition, bound)) & self.block(node.no, bound)

    def either(self, node: tree.Either, bound: Names) -> Names:
        return frozenset.intersection(*(self.block(each, bound) for each in node.branches))

    def once(self, node: tree.Once, bound: Names) -> Names:
        return self.block(node.block, bound)

    def negate(self, node: tree.Negate, bound: Names) -> Names:
        self.block(node.block, bound)
        return bound

    def collect(self, node: tree.Collect, bound: Names) -> Names:
        self._need(node.chosen, self.block(node.block, bound))
        return bound | {node.target.name}

    def triple(self, node: tree.Triple, bound: Names) -> Names:
        if isinstance(node.predicate, tree.Variable):
            _check_names(node)
            self._need(node.predicate, bound)
            return bound | _variables(node.subject) | _variables(node.object)
        predicate = _known(node.predicate)
        _check_names(node)
        if predicate.blocks is not None:
            return self._gather(node, predicate, bound)
        sides = {Binds.SUBJECT: node.subject, Binds.OBJECT: node.object}
        for side, term in sides.items():
            if predicate.binds not in {side, Binds.EITHER}:
                self._need(term, bound)
        if predicate.binds is Binds.EITHER and not any(_variables(each) <= bound for each in sides.values()):
            self._need(node.subject, bound)
        return bound | _variables(node.subject) | _variables(node.object)

    def _gather(self, node: tree.Triple, predicate: Predicate, bound: Names) -> Names:
        """A predicate of blocks: behind several of them that has a value which has one in each."""
        ends = [self.block(each, bound) for each in _blocks(node.subject)]
        inside = frozenset.intersection(*ends) if ends else bound
        if predicate.binds is Binds.NOTHING:
            self._need(node.object, inside)
        return (inside if predicate.blocks is Blocks.KEPT else bound) | _variables(node.object)

    def compare(self, node: tree.Compare, bound: Names) -> Names:
        is_known = [_variables(each) <= bound for each in (node.left, node.right)]
        if not any(is_known) or (not all(is_known) and not node.is_equal):
            self._need(node.left if not is_known[0] else node.right, bound)
        return bound | _variables(node.left) | _variables(node.right)

    def _need(self, term: tree.Term, bound: Names) -> None:
        """Raise ProgramError when a variable of the term has no value there."""
        for variable in _variables_of(term):
            if variable.name not in bound:
                raise self._unbound(variable, bound)

    def _unbound(self, variable: tree.Variable, bound: Names) -> ProgramError:
        """Say so, and offer a variable that has a value and is used nowhere, or else one of a like name."""
        idle = [name for name in sorted(bound) if self._used.get(name, 0) == 1 and name != ITEM]
        near = idle if len(idle) == 1 else get_close_matches(variable.name, bound, 1, 0.5)
        if near:
            return ProgramError(
                variable.place,
                N_("?%(name)s has no value here. Is ?%(nearest)s meant?"),
                name=variable.name, nearest=near[0],
            )  # fmt: skip
        return ProgramError(variable.place, N_("?%(name)s has no value here."), name=variable.name)


def _known(name: tree.Name) -> Predicate:
    """Return the predicate. Raises ProgramError with the nearest name when there is none."""
    if name.full in _SECRET:
        raise ProgramError(name.place, N_("Passwords cannot be read."))
    found = find(name.full)
    if found is not None:
        return found
    raise _unknown(name, predicates(), Named.PREDICATE)


def _check_names(node: tree.Triple) -> None:
    """Raise ProgramError for a name that stands for nothing, and for a template where none can be."""
    is_type = isinstance(node.predicate, tree.Name) and node.predicate.full == "rdf:type"
    for term in (node.subject, node.object):
        for each in term.items if isinstance(term, tree.Many) else (term,):
            is_class = is_type and each is node.object
            if isinstance(each, tree.Kind) and not is_class:
                raise ProgramError(each.place, N_('Write the template so: ?x a [object:alias "Template"].'))
            if isinstance(each, tree.Name) and (is_class or each.namespace not in _FREE):
                _check_name(each, CLASSES if is_class else _NAMES)


def _check_name(name: tree.Name, known: Collection[str]) -> None:
    if name.full not in known:
        raise _unknown(name, known, Named.TERM)


def _unknown(name: tree.Name, known: Collection[str], named: Named) -> ProgramError:
    message, facts = said_of(UnknownName(name.full, known, named))
    return ProgramError(name.place, message, **facts)


def _variables_of(term: tree.Term) -> Iterable[tree.Variable]:
    if isinstance(term, tree.Variable):
        yield term
    elif isinstance(term, tree.Many):
        for each in term.items:
            yield from _variables_of(each)


def _variables(term: tree.Term) -> Names:
    return frozenset(each.name for each in _variables_of(term))


def _blocks(term: tree.Term) -> list[tree.Block]:
    found = term.items if isinstance(term, tree.Many) else (term,)
    return [each for each in found if isinstance(each, tree.Block)]


def _counts(node: object) -> dict[str, int]:
    """Count how often each variable is written."""
    counts: dict[str, int] = {}
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, tree.Variable):
            counts[each.name] = counts.get(each.name, 0) + 1
        elif isinstance(each, tuple):
            stack.extend(each)
        elif hasattr(each, "__dataclass_fields__"):
            stack.extend(getattr(each, name) for name in each.__dataclass_fields__ if name != "place")
    return counts


_CHECKS: Final[dict[type[Any], Callable[[_Checker, Any, Names], Names]]] = {
    tree.Assign: _Checker.assign,
    tree.Choose: _Checker.choose,
    tree.Collect: _Checker.collect,
    tree.Compare: _Checker.compare,
    tree.Either: _Checker.either,
    tree.Negate: _Checker.negate,
    tree.Once: _Checker.once,
    tree.Triple: _Checker.triple,
}
