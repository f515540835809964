"""Texts: what formulas have no function for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from webapp.languages.budget import bounded
from webapp.languages.errors import Unfit
from webapp.languages.formulas import operators
from webapp.languages.formulas.operators import LONGEST_LIST
from webapp.languages.n3.predicates.registry import CODE, computes, finding, testing
from webapp.languages.n3.running import each_of
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_


@computes("string:split")
def split(given: Value) -> Value:
    """The parts of a text between its separators."""
    separator, text = _of_types(given, str, str)
    if not separator:
        raise Unfit(N_("The separator is empty."))
    if text.count(separator) >= LONGEST_LIST:
        raise Unfit(N_("The list would be longer than %(most)s values."), most=LONGEST_LIST)
    return tuple(text.split(separator))


@computes("string:cutString")
def cut(given: Value) -> Value:
    """The beginning of a text, and what says that there was more."""
    text, length, ending = _of_types(given, str, Decimal, str)
    most = max(int(length), 0)
    return text if len(text) <= most else bounded(text[:most] + ending)


@computes("string:toBase64")
def encode(given: Value) -> Value:
    """A text in Base64."""
    (text,) = _of_types(given, str)
    return bounded(base64.b64encode(text.encode("utf-8", "replace")).decode())


@computes("string:fromBase64")
def decode(given: Value) -> Value:
    """The text that stands in Base64."""
    (text,) = _of_types(given, str)
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Unfit(N_("This is no text in Base64.")) from None


@computes("entity:indexOf")
def place_of(given: Value) -> Value:
    """Where a text has another in it, counted from 1; 0 when it has not."""
    text, part = _of_types(given, str, str)
    return Decimal(text.find(part) + 1)


def _compares(name: str, holds: Callable[[str, str], bool]) -> None:
    """Register a comparison of texts. The subject may name a way: (?text "OrdinalIgnoreCase")."""

    def compare(_scope: Scope, given: Value, part: Value) -> bool:
        text, way = each_of(given) if type(given) is tuple and len(given) > 1 else (given, "")
        (text,), (part,), (way,) = (_of_types(each, str) for each in (text, part, way))
        fold = str.casefold if way.endswith("IgnoreCase") else str
        return holds(fold(text), fold(part))

    CODE[name] = finding(testing(compare))


_compares("entity:startsWith", str.startswith)
_compares("entity:endsWith", str.endswith)


def _of_types(given: Value, *types: type) -> tuple[Any, ...]:
    """Return the values of the list if they are of these types. Raises Unfit."""
    values = each_of(given)
    if len(values) != len(types):
        raise Unfit(N_("So many values in brackets are needed here: %(count)s."), count=len(types))
    for value, wanted in zip(values, types, strict=True):
        if type(value) is not wanted:
            raise Unfit(_NEEDED[wanted], type=operators.type_of(value))
    return values


_NEEDED = {
    str: N_("A text is needed here, and this is %(type)s."),
    Decimal: N_("A number is needed here, and this is %(type)s."),
}
