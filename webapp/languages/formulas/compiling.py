"""From the tree of a formula to what evaluates it. Nothing of Python can be reached from there."""

from __future__ import annotations

from typing import Final

from webapp.languages.formulas import calls, paths, queries, signs, tree
from webapp.languages.formulas.compiler import Compiler, Compilers, Part, at
from webapp.languages.formulas.hints import Hint
from webapp.languages.formulas.types import CLASSES, Type


def _literal(_compiler: Compiler, node: tree.Literal) -> Part:
    value = node.value
    types = {kind: name for name, kind in CLASSES.items()}
    return Part(lambda _scope: value, Hint(types.get(type(value), Type.ANY)))


def _call(compiler: Compiler, node: tree.Call) -> Part:
    function = calls.found(node)
    parts = [compiler.compile(each) for each in node.arguments]
    calls.check(node, function, [part.hint for part in parts])
    work = calls.bound(function, [part.evaluate for part in parts])
    return Part(at(node.place, work), calls.hint(function, [part.hint for part in parts]))


COMPILERS: Final[Compilers] = {
    tree.AnyWhere: queries.any_where,
    tree.Attribute: paths.attribute,
    tree.Back: paths.back,
    tree.Call: _call,
    tree.Chain: signs.chain,
    tree.Current: paths.current,
    tree.Literal: _literal,
    tree.Local: queries.local,
    tree.Prefixed: signs.prefixed,
    tree.Query: queries.query,
    tree.Step: paths.step,
    tree.Template: paths.template,
    tree.Variable: paths.variable,
}
