"""Texts: put together, cut, searched, replaced."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import re2

from webapp.languages.budget import LONGEST_TEXT, Growing, bounded, check_length
from webapp.languages.errors import Unfit
from webapp.languages.formulas import formats
from webapp.languages.formulas.functions.lists import spread
from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.showing import show
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

_SPACES: Final = re.compile(r"\s+")
_GROUP: Final = re.compile(r"\$(\d|\{\d\}|\$)")
_LONGEST_PATTERN: Final = 1000
#: Characters times steps of the compiled expression: so many take half a second at worst.
_MOST_STEPS: Final = 100_000_000


@function("CONCAT", takes_empty=True)
def concatenate(scope: Scope, *values: Value) -> str:
    """Put the texts of a list behind each other."""
    return join(scope, "", *values)


@function("JOIN", takes_empty=True)
def join(scope: Scope, separator: str | None, *values: Value) -> str:
    """Put the texts of a list behind each other, a separator between them."""
    texts = [show(value, scope.language) for value in spread(values)]
    check_length(sum(map(len, texts)) + len(separator or "") * len(texts))
    return (separator or "").join(texts)


@function("FORMAT", takes_empty=True)
def fill(scope: Scope, text: str | None, *values: Value) -> str | None:
    """Fill {0}, {1:format} … with the values of a list, where empty ones keep their place."""
    if text is None:
        return None
    given: list[Value] = []
    for value in values:
        given += value if type(value) is tuple else (value,)
    return formats.fill(text, given, scope.language, scope.budget)


@function("CONTAINS")
def contains(text: str, part: str) -> bool:
    """Whether a text has another in it."""
    return part in text


@function("STARTSWITH")
def starts_with(text: str, start: str) -> bool:
    """Whether a text begins with another."""
    return text.startswith(start)


@function("ENDSWITH")
def ends_with(text: str, end: str) -> bool:
    """Whether a text ends with another."""
    return text.endswith(end)


@function("INDEXOF")
def index_of(text: str, part: str, start: Decimal = Decimal(0)) -> Decimal:
    """Return where a text has another in it, counted from 0; -1 when it has not."""
    return Decimal(text.find(part, max(_whole(start), 0)))


@function("SUBSTRING")
def substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    """Cut out a part, counted from 0; what lies outside the text is left out."""
    first = max(_whole(start), 0)
    return text[first:] if length is None else text[first : first + max(_whole(length), 0)]


@function("LENGTH")
def length_of(text: str) -> Decimal:
    """Return how many characters a text has."""
    return Decimal(len(text))


function("TOLOWER")(lambda text: bounded(text.lower()))
function("TOUPPER")(lambda text: bounded(text.upper()))
function("TRIM")(lambda text: text.strip())
function("NORMALIZE")(lambda text: _SPACES.sub(" ", text).strip())
function("FIRSTCAPITAL")(lambda text: text[:1].upper() + text[1:])


@function("REPLACE", takes_empty=True)
def replace(text: str | None, part: str | None, by: str | None) -> str | None:
    """Replace every occurrence of a text; by nothing, if the replacement is empty."""
    if not text or not part:
        return text
    by = by or ""
    grows = len(by) - len(part)
    if grows > 0:
        check_length(len(text) + grows * text.count(part))
    return text.replace(part, by)


@function("MATCHES")
def matches(text: str, pattern: str) -> bool:
    """Whether any part of a text matches a regular expression."""
    return _searching(pattern, text).search(text) is not None


@function("NOTMATCHES")
def does_not_match(text: str, pattern: str) -> bool:
    """Whether no part of a text matches a regular expression."""
    return not matches(text, pattern)


@function("REGEXREPLACE")
def replace_by_pattern(scope: Scope, text: str, pattern: str, by: str) -> str:
    """Replace what matches a regular expression; $1 is the first group in brackets, $0 the whole."""
    found = _searching(pattern, text)
    pieces = _pieces(by, found.groups)
    numbers = {piece for piece in pieces if isinstance(piece, int)}
    result, end = Growing(), 0
    for match in found.finditer(text):
        scope.budget.look_at_clock()  # each search may go through the whole rest of the text
        result.add(text[end : match.start()])
        groups = {number: match[number] or "" for number in numbers}
        for piece in pieces:
            result.add(piece if isinstance(piece, str) else groups[piece])
        end = match.end()
    result.add(text[end:])
    return result.text()


def _searching(pattern: str, text: str) -> Any:  # noqa: ANN401 - the engine has no types
    """Return a regular expression that goes through the text soon: nobody can interrupt it. Raises Unfit."""
    found = compiled(pattern)
    if found.programsize * len(text) > _MOST_STEPS:
        raise Unfit(N_("The text is too long for this regular expression."))
    return found


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:  # noqa: ANN401 - the engine has no types
    """Return a regular expression whose search takes time linear in the text. Raises Unfit."""
    if len(pattern) > _LONGEST_PATTERN:
        raise Unfit(N_("A regular expression may have at most %(most)s characters."), most=_LONGEST_PATTERN)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 4 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise Unfit(N_("The regular expression cannot be used: %(reason)s."), reason=reason) from None


def _pieces(by: str, most: int) -> list[str | int]:
    """Return what stands for a match: texts as they are, and the numbers of groups up to the most."""
    found: list[str | int] = []
    end = 0
    for place in _GROUP.finditer(by):
        number = place[1].strip("{}")
        found.append(by[end : place.start()])
        found.append("$" if number == "$" else int(number) if int(number) <= most else place[0])
        end = place.end()
    return [piece for piece in (*found, by[end:]) if piece != ""]


def _whole(number: Decimal) -> int:
    return int(min(max(number, Decimal(-LONGEST_TEXT)), Decimal(LONGEST_TEXT)))
