"""Predicates that compare, calculate, and put texts and lists together."""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from webapp.languages.formulas import operators
from webapp.languages.formulas.functions import durations, lists, moments, numbers, periods, texts
from webapp.languages.formulas.operators import Unfit
from webapp.languages.n3.predicates import PREDICATES, Find, computes, tests
from webapp.languages.n3.running import each_of
from webapp.languages.scope import Scope
from webapp.languages.store import Value
from webapp.languages.values.kind import N_


def _pair(value: Value) -> tuple[Value, Value]:
    if type(value) is not tuple or len(value) != 2:
        raise Unfit(N_("Two values in brackets are needed here."))
    return value[0], value[1]


def _at(values: Value, place: Value) -> Value:
    number = int(_number(place))
    found = each_of(values)
    return found[number] if 0 <= number < len(found) else None


def _of_type(value: Value, kind: type, message: str) -> Value:
    value = operators.single(value)
    if not isinstance(value, kind):
        raise Unfit(message, type=operators.type_of(value))
    return value


def _text(value: Value) -> str:
    found: str = _of_type(value, str, N_("A text is needed here, and this is %(type)s."))
    return found


def _number(value: Value) -> Decimal:
    found: Decimal = _of_type(value, Decimal, N_("A number is needed here, and this is %(type)s."))
    return found


def _moment(value: Value) -> datetime:
    found: datetime = _of_type(value, datetime, N_("A date and time is needed here, and this is %(type)s."))
    return found


def _span(value: Value) -> timedelta:
    found: timedelta = _of_type(value, timedelta, N_("A duration is needed here, and this is %(type)s."))
    return found


def _of_moment(work: Callable[[datetime], Value], _scope: Scope, value: Value) -> Value:
    return work(_moment(value))


tests(operators.equals, "math:equalTo", "string:equalTo")
tests(lambda left, right: not operators.equals(left, right), "math:notEqualTo")
_COMPARED: Final[dict[str, Callable[[Value, Value], bool]]] = {
    "greaterThan": operator.gt,
    "lessThan": operator.lt,
    "notGreaterThan": operator.le,
    "notLessThan": operator.ge,
}
for _name, _compare in _COMPARED.items():
    tests(partial(operators.orders, _compare), f"math:{_name}", f"string:{_name}")
tests(lambda text, part: _text(part) in _text(text), "string:contains", "entity:contains")
tests(lambda text, part: _text(text).startswith(_text(part)), "string:startsWith", "entity:startsWith")
tests(lambda text, part: _text(text).endswith(_text(part)), "string:endsWith", "entity:endsWith")
tests(lambda text, pattern: texts.matches(_text(text), _text(pattern)), "string:matches")
tests(lambda text, pattern: not texts.matches(_text(text), _text(pattern)), "string:notMatches")

computes(lambda scope, values: lists.total(scope, *each_of(values)), "math:sum")
computes(lambda scope, pair: operators.subtract(scope, *_pair(pair)), "math:difference")
computes(lambda scope, pair: operators.multiply(scope, *_pair(pair)), "math:product")
computes(lambda scope, pair: operators.divide(scope, *_pair(pair)), "math:quotient")
computes(lambda _scope, pair: numbers.quotient(*_pair(pair)), "math:integerQuotient")
computes(lambda _scope, pair: numbers.remainder(*_pair(pair)), "math:remainder")
computes(lambda _scope, number: operators.negative(number), "math:negation")
computes(lambda _scope, values: lists.smallest(*each_of(values)), "math:min")
computes(lambda _scope, values: lists.largest(*each_of(values)), "math:max")
computes(lambda scope, values: lists.average(scope, *each_of(values)), "math:average")
computes(lambda _scope, number: numbers.nearest(_number(number)), "math:round")
computes(lambda _scope, number: numbers.floor(_number(number)), "math:floor")
computes(lambda _scope, number: numbers.ceiling(_number(number)), "math:ceil", "math:ceiling")

computes(lambda scope, values: texts.concatenate(scope, *each_of(values)), "string:concatenation")
computes(lambda scope, given: texts.join(scope, _text(each_of(given)[0]), *each_of(given)[1:]), "string:join")
computes(lambda scope, given: texts.fill(scope, *each_of(given)), "string:format")
computes(lambda _scope, given: texts.replace(*each_of(given)), "string:replace")
computes(lambda _scope, given: texts.replace_by_pattern(*each_of(given)), "string:regexReplace")
computes(lambda _scope, given: texts.substring(*each_of(given)), "string:substring")
computes(lambda _scope, given: texts.index_of(*each_of(given)), "string:indexOf")
computes(lambda _scope, text: texts.length_of(_text(text)), "string:length")
computes(lambda _scope, text: _text(text).lower(), "string:toLower", "entity:toLower")
computes(lambda _scope, text: _text(text).upper(), "string:toUpper", "entity:toUpper")
computes(lambda _scope, text: _text(text).strip(), "string:trim")
computes(
    lambda _scope, given: tuple(_text(each_of(given)[0]).split(_text(each_of(given)[1]))), "string:split"
)
computes(lambda _scope, text: base64.b64encode(_text(text).encode()).decode(), "string:toBase64")

computes(lambda _scope, values: Decimal(len(each_of(values))), "list:length")
computes(lambda _scope, values: next(iter(reversed(each_of(values))), None), "list:last")
computes(lambda _scope, values: lists.spread(values), "list:append")
computes(lambda _scope, values: lists.ascending(*each_of(values)), "list:ascending")
computes(lambda _scope, given: _at(*_pair(given)), "list:at")

_OF_MOMENTS: Final[dict[str, Callable[[datetime], Value]]] = {
    "year": moments.year,
    "month": moments.month,
    "day": moments.day,
    "hour": moments.hour,
    "minute": moments.minute,
    "second": moments.second,
    "startOfDay": periods.start_of_day,
    "startOfWeek": periods.start_of_week,
    "startOfMonth": periods.start_of_month,
    "startOfYear": periods.start_of_year,
    "endOfDay": periods.end_of_day,
    "endOfWeek": periods.end_of_week,
    "endOfMonth": periods.end_of_month,
    "endOfYear": periods.end_of_year,
}
for _name, _work in _OF_MOMENTS.items():
    computes(partial(_of_moment, _work), f"time:{_name}")
computes(lambda scope, pair: operators.subtract(scope, *_pair(pair)), "time:getSpan", "time:subDuration")
computes(lambda scope, pair: operators.add(scope, *_pair(pair)), "time:addDuration")
computes(lambda _scope, span: durations.seconds(_span(span)), "time:inSeconds")
computes(lambda _scope, span: durations.seconds(_span(span)) / 86_400, "time:days")
computes(lambda _scope, span: durations.seconds(_span(span)) / 3_600, "time:hours")

#: With these all are registered.
ALL_PREDICATES: Final[Mapping[str, Find]] = PREDICATES
