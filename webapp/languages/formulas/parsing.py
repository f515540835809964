"""From the text of a formula to its tree."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from webapp.languages.formulas import tree
from webapp.languages.formulas.errors import FormulaError, Place
from webapp.languages.formulas.tree import Node
from webapp.languages.storable import check_storable
from webapp.languages.values.kind import N_

LONGEST: Final = 10_000
DEEPEST: Final = 60
LONGEST_NUMBER: Final = 29

#: Where a published example leaves the variable of a query out, it means this one.
USUAL_VARIABLE: Final = "i"
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


def parse(text: str) -> Node:
    """Return the tree of a formula. Raises FormulaError with the first place that cannot be read."""
    if len(text) > LONGEST:
        raise FormulaError(None, N_("A formula may have at most %(most)s characters."), most=LONGEST)
    check_storable(text, FormulaError)
    try:
        return cast(
            "Node", _reader().parse(text)
        )  # the builder makes nodes of what would be a tree of the reader
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise _refusal(error, text) from None


@cache
def _reader() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Builder(), maybe_placeholders=True)


class _Builder(Transformer[Token, Node]):
    """Makes nodes while the text is read. One method for each rule of the grammar."""

    def start(self, parts: list[Node]) -> Node:
        return parts[0]

    def query(self, parts: list[Any]) -> Node:
        variable, source, condition, order, result = parts
        name = str(variable) if variable is not None else USUAL_VARIABLE
        place = _place_of(variable) if variable is not None else source.place
        return _made(tree.Query, place, name, source, condition, order, result)

    def order(self, parts: list[Any]) -> Node:
        key, direction = parts
        return _made(tree.Order, key.place, key, direction == "descending")

    def template(self, parts: list[Token]) -> Node:
        return _made(tree.Template, _place_of(parts[0]), _name_in(parts[0]))

    def chain(self, parts: list[Any]) -> Node:
        operators = tuple(str(each) for each in parts[1::2])
        return _made(tree.Chain, parts[0].place, tuple(parts[::2]), operators)

    locals()["or"] = locals()["and"] = comparison = sum = product = chain

    def prefixed(self, parts: list[Any]) -> Node:
        sign, operand = parts
        return _made(tree.Prefixed, _place_of(sign), str(sign), operand)

    def step(self, parts: list[Any]) -> Node:
        base, step = parts
        return _made(tree.Step, _place_of(step), base, _name_in(step))

    def back(self, parts: list[Any]) -> Node:
        base, back = parts
        template, attribute = _NAME.findall(back)
        return _made(tree.Back, _place_of(back), base, template, attribute)

    def number(self, parts: list[Token]) -> Node:
        place = _place_of(parts[0])
        if len(parts[0]) > LONGEST_NUMBER:
            raise FormulaError(
                place, N_("A number may have at most %(most)s digits."), most=LONGEST_NUMBER - 1
            )
        return _made(tree.Literal, place, Decimal(parts[0]))

    def text(self, parts: list[Token]) -> Node:
        quote, written = parts[0][0], str(parts[0][1:-1])
        return _made(tree.Literal, _place_of(parts[0]), written.replace(quote * 2, quote))

    def call(self, parts: list[Any]) -> Node:
        name = parts[0].rstrip("(").rstrip().upper()
        arguments = tuple(part for part in parts[1:] if part is not None)
        return _made(tree.Call, _place_of(parts[0]), name, arguments)

    def any_where(self, parts: list[Any]) -> Node:
        query, variable, condition = parts
        return _made(tree.AnyWhere, query.place, query, str(variable), condition)

    def attribute(self, parts: list[Token]) -> Node:
        return _made(tree.Attribute, _place_of(parts[0]), str(parts[0][1:]))

    def variable(self, parts: list[Token]) -> Node:
        return _made(tree.Variable, _place_of(parts[0]), str(parts[0][2:]))

    def record(self, parts: list[Token]) -> Node:
        return _made(tree.Current, _place_of(parts[0]))

    def name(self, parts: list[Token]) -> Node:
        word = parts[0].lower()
        if word in _WORDS:
            return _made(tree.Literal, _place_of(parts[0]), _WORDS[word])
        return _made(tree.Local, _place_of(parts[0]), str(parts[0]))


def _made(kind: Any, place: Place, *values: Any) -> Node:  # noqa: ANN401 - any class of nodes and its fields
    depth = 1 + max((_depth_of(value) for value in values), default=0)
    if depth > DEEPEST:
        raise FormulaError(place, N_("This is nested too deeply: at most %(most)s levels."), most=DEEPEST)
    node: Node = kind(place, depth, *values)
    return node


def _depth_of(value: Any) -> int:  # noqa: ANN401 - any field of a node
    if isinstance(value, Node):
        return value.depth
    if isinstance(value, tuple):
        return max((_depth_of(each) for each in value), default=0)
    return 0


def _place_of(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _name_in(token: Token) -> str:
    found = _NAME.search(token)
    assert found is not None  # noqa: S101 - the token is made of it
    return found.group()


def _refusal(error: UnexpectedInput, text: str) -> FormulaError:
    if isinstance(error, UnexpectedCharacters):
        place = Place(error.line, error.column)
        if error.char in "\"'":
            return FormulaError(place, N_("This quotation mark is never closed."))
        return FormulaError(place, N_("The sign %(sign)s means nothing here."), sign=repr(error.char))
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        place = _place_of(error.token)
        return FormulaError(place, N_("%(word)s is not expected here."), word=_shown(error.token))
    if not text.strip():
        return FormulaError(Place(1, 1), N_("The formula is empty."))
    return FormulaError(_end_of(text), N_("The formula ends too early: something is missing here."))


def _shown(token: Token) -> str:
    return "“" + " ".join(token.split()) + "”"


def _end_of(text: str) -> Place:
    lines = text.rstrip().split("\n")
    return Place(len(lines), len(lines[-1]) + 1)
