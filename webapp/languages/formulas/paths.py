"""Records and their attributes: the current one, steps along links and back, all of a template."""

from __future__ import annotations

from typing import Final

from webapp.languages.errors import Unfit
from webapp.languages.formulas import operators, tree
from webapp.languages.formulas.compiler import Compiler, Part, at
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.functions.lists import spread
from webapp.languages.formulas.hints import UNKNOWN, Hint
from webapp.languages.formulas.types import CLASSES, Type
from webapp.languages.scope import Scope
from webapp.languages.store import Ref, Value
from webapp.languages.values.kind import N_

_NO_RECORD: Final = N_("Only a record has attributes, and this is %(type)s.")


def current(compiler: Compiler, _node: tree.Current) -> Part:
    """Compile ``$``."""
    return Part(lambda scope: scope.record, Hint(Type.THING, leads_to=compiler.template))


def attribute(compiler: Compiler, node: tree.Attribute) -> Part:
    """Compile ``$name``."""
    name, place = node.name, node.place

    def evaluate(scope: Scope) -> Value:
        return None if scope.record is None else scope.read(scope.record, name)

    return Part(at(place, evaluate), compiler.attribute_hint(compiler.template, name, place))


def variable(_compiler: Compiler, node: tree.Variable) -> Part:
    """Compile ``$$name``."""
    name = node.name
    return Part(at(node.place, lambda scope: scope.local(scope.store.variable(name))), UNKNOWN)


def step(compiler: Compiler, node: tree.Step) -> Part:
    """Compile ``base->name``; over many records it leads to the attributes of all."""
    name = node.name
    base, hint = compiler.compile(node.base)
    found = compiler.attribute_hint(hint.leads_to, name, node.place)
    if hint.type not in {Type.ANY, Type.THING, Type.LIST}:
        raise FormulaError(node.place, _NO_RECORD, type=operators.TYPES[CLASSES[hint.type]])

    def evaluate(scope: Scope) -> Value:
        value = base(scope)
        if type(value) is Ref:
            return scope.read(value, name)
        if value is None:
            return None
        things = spread((value,))
        for each in things:
            if type(each) is not Ref:
                raise Unfit(_NO_RECORD, type=operators.type_of(each))
        return scope.read_each(things, name)

    return Part(at(node.place, evaluate), Hint(found.type, found.is_many or hint.is_many, found.leads_to))


def back(compiler: Compiler, node: tree.Back) -> Part:
    """Compile ``base<-template:attribute``."""
    template, attribute = node.template, node.attribute
    base, _hint = compiler.compile(node.base)
    known = compiler.template_known_as(template, node.place)
    compiler.attribute_hint(known, attribute, node.place)

    def evaluate(scope: Scope) -> Value:
        found: list[Value] = []
        for thing in spread((base(scope),)):
            if type(thing) is not Ref:
                raise Unfit(_NO_RECORD, type=operators.type_of(thing))
            found += scope.leading_to(thing, template, attribute)
        return tuple(dict.fromkeys(found))

    return Part(at(node.place, evaluate), Hint(Type.THING, is_many=True, leads_to=known))


def template(compiler: Compiler, node: tree.Template) -> Part:
    """Compile ``db->name``."""
    name = node.name
    known = compiler.template_known_as(name, node.place)
    records = at(node.place, lambda scope: scope.records_of(name))
    return Part(records, Hint(Type.THING, is_many=True, leads_to=known))
