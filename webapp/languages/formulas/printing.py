"""From the tree of a formula back to a text that means the same."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from webapp.languages.formulas import tree
from webapp.languages.formulas.tree import Node

_WORDS: Final = {True: "true", False: "false", None: "null"}


def write(node: Node) -> str:
    """Return the formula as text: one line, the fewest brackets that keep its meaning certain."""
    return _WRITERS[type(node)](node)


def _literal(node: tree.Literal) -> str:
    if isinstance(node.value, Decimal):
        return f"{node.value:f}"
    if isinstance(node.value, str):
        return '"' + node.value.replace('"', '""') + '"'
    return _WORDS[node.value]


def _inside(node: Node) -> str:
    """A part of something larger: what could be torn apart gets brackets."""
    is_loose = isinstance(node, tree.Chain | tree.Prefixed | tree.Query)
    return f"({write(node)})" if is_loose else write(node)


def _chain(node: tree.Chain) -> str:
    first, *others = map(_inside, node.operands)
    return first + "".join(f" {sign} {each}" for sign, each in zip(node.operators, others, strict=True))


def _query(node: tree.Query) -> str:
    words = ["from", node.variable, "in", _inside(node.source)]
    if node.condition is not None:
        words += ["where", _inside(node.condition)]
    if node.order is not None:
        words += [
            "orderby",
            _inside(node.order.key),
            "descending" if node.order.is_descending else "ascending",
        ]
    return " ".join([*words, "select", _inside(node.result)])


def _any_where(node: tree.AnyWhere) -> str:
    return f"[({write(node.query)}), {node.variable}, {_inside(node.condition)}]"


_WRITERS: Final[dict[type[Node], Callable[[Any], str]]] = {
    tree.AnyWhere: _any_where,
    tree.Attribute: lambda node: f"${node.name}",
    tree.Back: lambda node: f"{_inside(node.base)}<-{node.template}:{node.attribute}",
    tree.Call: lambda node: f"{node.name}({', '.join(map(write, node.arguments))})",
    tree.Chain: _chain,
    tree.Current: lambda _node: "$",
    tree.Literal: _literal,
    tree.Local: lambda node: node.name,
    tree.Prefixed: lambda node: node.operator + _inside(node.operand),
    tree.Query: _query,
    tree.Step: lambda node: f"{_inside(node.base)}->{node.name}",
    tree.Template: lambda node: f"db->{node.name}",
    tree.Variable: lambda node: f"$${node.name}",
}
