"""From the text of a program to its tree."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from webapp.languages.errors import Place
from webapp.languages.formulas.operators import NUMBERS
from webapp.languages.n3 import tree
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.literals import TYPES
from webapp.languages.n3.namespaces import namespace_of
from webapp.languages.storable import check_storable, place_in
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

LONGEST: Final = 20_000
DEEPEST: Final = 40
#: As in the grammar: what stands in texts, names and remarks is no bracket.
_BRACKETS: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|<[^<>"{}|^`\\\s]*>|[][(){}]', re.DOTALL
)
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
_NOT_SUPPORTED: Final = ("=>", "@in", "@out", "@forAll", "@forSome")


def parse(text: str) -> tree.Block:
    """Return the body of a program. Raises ProgramError with the first place that cannot be read."""
    if len(text) > LONGEST:
        raise ProgramError(None, N_("A program may have at most %(most)s characters."), most=LONGEST)
    check_storable(text, ProgramError)
    _check_depth(text)
    try:
        body: tree.Block = _Builder().transform(_reader().parse(text))
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise _refusal(error, text) from None
    return body


@cache
def _reader() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=True)


def _check_depth(text: str) -> None:
    """The tree is gone through by functions that call themselves."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        sign = found.group()
        depth += (sign in "{([") - (sign in "})]")
        if depth > DEEPEST:
            place = place_in(text, found.start())
            raise ProgramError(place, N_("This is nested too deeply: at most %(most)s levels."), most=DEEPEST)


class _Builder(Transformer[Token, Any]):
    """Makes terms and statements, from the first to the last: prefixes are known before what follows."""

    def __init__(self) -> None:
        super().__init__()
        self._namespaces: dict[str, str] = {}

    def start(self, parts: list[Any]) -> tree.Block:
        body: tree.Block = parts[-1]
        return body

    def prefix(self, parts: list[Token]) -> None:
        prefix, iri = parts
        found = namespace_of(iri[1:-1])
        if found is None:
            raise ProgramError(
                _place_of(iri), N_("Nothing is known by the name %(iri)s."), iri=str(iri)[:120]
            )
        self._namespaces[prefix[:-1]] = found

    def block(self, parts: list[tree.Statement]) -> tree.Block:
        place = parts[0].place if parts else Place(1, 1)
        return tree.Block(tuple(parts), place)

    def triple(self, parts: list[Any]) -> tree.Triple:
        subject, predicate, value = parts
        return tree.Triple(subject, predicate, value, subject.place)

    def assign(self, parts: list[Any]) -> tree.Assign:
        value, _arrow, target = parts
        return tree.Assign(value, _writable(target), value.place)

    def compare(self, parts: list[Any]) -> tree.Compare:
        left, sign, right = parts
        return tree.Compare(left, right, sign == "==", left.place)

    def choose(self, parts: list[Any]) -> tree.Choose:
        condition, yes, no = parts
        return tree.Choose(condition, yes, no or tree.Block((), yes.place), condition.place)

    def either(self, parts: list[tree.Block]) -> tree.Either:
        return tree.Either(tuple(parts), parts[0].place)

    def once(self, parts: list[tree.Block]) -> tree.Once:
        return tree.Once(parts[0], parts[0].place)

    def negate(self, parts: list[tree.Block]) -> tree.Negate:
        return tree.Negate(parts[0], parts[0].place)

    def collect(self, parts: list[Any]) -> tree.Collect:
        block, chosen, _arrow, target = parts
        place = _place_of(target)
        return tree.Collect(block, _writable(chosen), tree.Variable(target[1:], place), place)

    def target(self, parts: list[Any]) -> tree.Term:
        term: tree.Term = parts[0]
        return term

    def type(self, parts: list[Token]) -> tree.Name:
        return tree.Name("rdf", "type", _place_of(parts[0]) if parts else Place(1, 1))

    def variable(self, parts: list[Token]) -> tree.Variable:
        return tree.Variable(parts[0][1:], _place_of(parts[0]))

    def anything(self, parts: list[Token]) -> tree.Anything:
        return tree.Anything(_place_of(parts[0]))

    def name(self, parts: list[Token]) -> tree.Name:
        prefix, _, local = parts[0].partition(":")
        if prefix not in self._namespaces:
            raise ProgramError(
                _place_of(parts[0]),
                N_("The prefix “%(prefix)s:” is not declared by @prefix."),
                prefix=prefix[:40],
            )
        return tree.Name(self._namespaces[prefix], local, _place_of(parts[0]))

    def iri(self, parts: list[Token]) -> tree.Name:
        whole, _, local = parts[0][1:-1].rpartition("#")
        found = namespace_of(whole + "#")
        if found is None:
            raise ProgramError(
                _place_of(parts[0]), N_("Nothing is known by the name %(iri)s."), iri=str(parts[0])[:120]
            )
        return tree.Name(found, local, _place_of(parts[0]))

    def many(self, parts: list[Any]) -> tree.Many:
        return tree.Many(tuple(parts), parts[0].place if parts else Place(1, 1))

    def blank(self, parts: list[Any]) -> tree.Kind:
        name, literal = parts
        return tree.Kind(name, str(literal.value), name.place)

    def text(self, parts: list[Token]) -> tree.Literal:
        written, kind = parts
        width = 3 if written.startswith('"""') else 1
        text, place = _ESCAPE.sub(_unescaped, written[width:-width]), _place_of(written)
        check_storable(text, ProgramError, place)
        return tree.Literal(text if kind is None else self._typed(text, kind, place), place)

    def _typed(self, text: str, kind: Token, place: Place) -> Value:
        name = self.iri([kind]) if kind.type == "IRI" else self.name([kind])
        read = TYPES.get(name.local) if name.namespace == "xsd" else None
        if read is None:
            raise ProgramError(
                _place_of(kind),
                N_("The type %(type)s is not known. There are: %(known)s."),
                type=str(kind)[:80],
                known=", ".join(f"xsd:{each}" for each in TYPES),
            )
        value = read(text)
        if value is None:
            raise ProgramError(place, N_("This is no value of the type %(type)s."), type=f"xsd:{name.local}")
        return value

    def number(self, parts: list[Token]) -> tree.Literal:
        return tree.Literal(NUMBERS.create_decimal(parts[0]), _place_of(parts[0]))

    def truth(self, parts: list[Token]) -> tree.Literal:
        return tree.Literal(parts[0] == "true", _place_of(parts[0]))


def _writable(term: tree.Term) -> tree.Term:
    """A variable, or a list of variables. Raises ProgramError."""
    each = term.items if isinstance(term, tree.Many) else (term,)
    for one in each:
        if not isinstance(one, tree.Variable):
            raise ProgramError(one.place, N_("Only a variable can take a value here."))
    return term


def _unescaped(found: re.Match[str]) -> str:
    sign = found.group(1)
    return chr(int(sign[1:], 16)) if len(sign) > 1 else _ESCAPED.get(sign, sign)


def _place_of(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _refusal(error: UnexpectedInput, text: str) -> ProgramError:
    if isinstance(error, UnexpectedCharacters):
        place = Place(error.line, error.column)
        rest = text[error.pos_in_stream or 0 :]
        for word in _NOT_SUPPORTED:
            if rest.startswith(word):
                return ProgramError(
                    place, N_("%(word)s belongs to rules, which are not supported here."), word=word
                )
        if rest.startswith('"'):
            return ProgramError(place, N_("This quotation mark is never closed."))
        return ProgramError(place, N_("The sign %(sign)s means nothing here."), sign=repr(error.char))
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        word = "“" + " ".join(error.token.split())[:60] + "”"
        return ProgramError(_place_of(error.token), N_("%(word)s is not expected here."), word=word)
    if not text.strip():
        return ProgramError(Place(1, 1), N_("The program is empty."))
    lines = text.rstrip().split("\n")
    return ProgramError(
        Place(len(lines), len(lines[-1]) + 1), N_("The program ends too early: something is missing here.")
    )
