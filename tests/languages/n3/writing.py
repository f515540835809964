"""Writes trees of programs as text, so that one can see whether they are read as they are meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import singledispatch

from webapp.languages.formulas.functions.durations import iso
from webapp.languages.n3 import tree
from webapp.languages.n3.namespaces import NAMESPACES

XSD = "http://www.w3.org/2001/XMLSchema#"
IRIS = {name: iri for iri, name in NAMESPACES.items()}


def write_program(body: tree.Block) -> str:
    """A whole program that reads as the body."""
    prefixes = "".join(f"@prefix {name}: <{iri}>.\n" for name, iri in IRIS.items())
    return f"{prefixes}{write(body)}"


@singledispatch
def write(node: object) -> str:
    """A term or a statement as text."""
    raise TypeError(node)


@write.register
def _(node: tree.Variable) -> str:
    return f"?{node.name}"


@write.register
def _(_node: tree.Anything) -> str:
    return "?."


@write.register
def _(node: tree.Literal) -> str:
    match node.value:
        case bool():
            return "true" if node.value else "false"
        case Decimal():
            return f"{node.value:f}"
        case datetime():
            return f'"{node.value.isoformat()}"^^<{XSD}dateTime>'
        case timedelta():
            return f'"{iso(node.value)}"^^<{XSD}duration>'
    escaped = str(node.value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@write.register
def _(node: tree.Name) -> str:
    return node.full


@write.register
def _(node: tree.Many) -> str:
    return f"({' '.join(map(write, node.items))})"


@write.register
def _(node: tree.Kind) -> str:
    return f"[{write(node.name)} {write(tree.Literal(node.value, node.place))}]"


@write.register
def _(node: tree.Block) -> str:
    return f"{{ {' '.join(write(each) + ' .' for each in node.statements)} }}"


@write.register
def _(node: tree.Triple) -> str:
    return f"{write(node.subject)} {write(node.predicate)} {write(node.object)}"


@write.register
def _(node: tree.Assign) -> str:
    return f"{write(node.value)} -> {write(node.target)}"


@write.register
def _(node: tree.Compare) -> str:
    return f"{write(node.left)} {'==' if node.is_equal else '!='} {write(node.right)}"


@write.register
def _(node: tree.Choose) -> str:
    return f"if {write(node.condition)} then {write(node.yes)} else {write(node.no)}"


@write.register
def _(node: tree.Either) -> str:
    return " ".join(f"or {write(each)}" for each in node.branches)


@write.register
def _(node: tree.Once) -> str:
    return f"once {write(node.block)}"


@write.register
def _(node: tree.Negate) -> str:
    return f"not {write(node.block)}"


@write.register
def _(node: tree.Collect) -> str:
    return f"from {write(node.block)} select {write(node.chosen)} -> {write(node.target)}"
