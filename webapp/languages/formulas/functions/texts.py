"""Texts: put together, cut, searched, replaced."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import re2

from webapp.languages.formulas import formats
from webapp.languages.formulas.functions.lists import spread
from webapp.languages.formulas.functions.registry import function
from webapp.languages.formulas.operators import LONGEST_TEXT, Unfit, bounded
from webapp.languages.formulas.showing import show
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_

_SPACES: Final = re.compile(r"\s+")
_GROUP: Final = re.compile(r"\$(\d|\{\d\}|\$)")
_LONGEST_PATTERN: Final = 1000


@function("CONCAT", takes_empty=True)
def concatenate(scope: Scope, *values: Value) -> str:
    """Put the texts of a list behind each other."""
    return join(scope, "", *values)


@function("JOIN", takes_empty=True)
def join(scope: Scope, separator: str | None, *values: Value) -> str:
    """Put the texts of a list behind each other, a separator between them."""
    texts = [show(value, scope.language) for value in spread(values)]
    if sum(map(len, texts)) + len(separator or "") * len(texts) > LONGEST_TEXT:
        raise Unfit(N_("The text would be longer than %(most)s characters."), most=LONGEST_TEXT)
    return (separator or "").join(texts)


@function("FORMAT", takes_empty=True)
def fill(scope: Scope, text: str | None, *values: Value) -> str | None:
    """Fill {0}, {1:format} … with the values of a list, where empty ones keep their place."""
    if text is None:
        return None
    given: list[Value] = []
    for value in values:
        given += value if type(value) is tuple else (value,)
    return bounded(formats.fill(text, given, scope.language))


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


function("TOLOWER")(lambda text: text.lower())
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
    if grows > 0 and len(text) + grows * text.count(part) > LONGEST_TEXT:
        raise Unfit(N_("The text would be longer than %(most)s characters."), most=LONGEST_TEXT)
    return text.replace(part, by)


@function("MATCHES")
def matches(text: str, pattern: str) -> bool:
    """Whether any part of a text matches a regular expression."""
    return compiled(pattern).search(text) is not None


@function("NOTMATCHES")
def does_not_match(text: str, pattern: str) -> bool:
    """Whether no part of a text matches a regular expression."""
    return not matches(text, pattern)


@function("REGEXREPLACE")
def replace_by_pattern(text: str, pattern: str, by: str) -> str:
    """Replace what matches a regular expression; $1 is the first group in brackets, $0 the whole."""
    found = compiled(pattern)
    parts: list[str] = []
    end, octets = 0, 0
    for match in found.finditer(text):
        parts += (text[end : match.start()], _filled(match, by))
        end, octets = match.end(), octets + len(parts[-1])
        if octets > LONGEST_TEXT:
            raise Unfit(N_("The text would be longer than %(most)s characters."), most=LONGEST_TEXT)
    return bounded("".join([*parts, text[end:]]))


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


def _filled(match: Any, by: str) -> str:  # noqa: ANN401 - the engine has no types
    def group(found: re.Match[str]) -> str:
        number = found.group(1).strip("{}")
        if number == "$":
            return "$"
        return (match.group(int(number)) or "") if int(number) <= match.re.groups else found.group()

    return _GROUP.sub(group, by)


def _whole(number: Decimal) -> int:
    return int(min(max(number, Decimal(-LONGEST_TEXT)), Decimal(LONGEST_TEXT)))
