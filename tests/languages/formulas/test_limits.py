"""Nothing that a formula says makes the program slow, large or talkative."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.languages.formulas.conftest import scope_of
from tests.support.patience import at_most
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.memory_store import MemoryStore

Value = Callable[[str], Any]
LONG = "'" + "a" * 8_000 + "'"


@pytest.mark.parametrize(
    "text",
    [
        "POW(9, POW(9, POW(9, 9)))",
        f"REPLACE({LONG}, 'a', '{'b' * 1_000}')",
        f"REGEXREPLACE({LONG}, 'a', '{'b' * 1_000}')",
        f"JOIN('{'x' * 1_000}', from i in LIST({', '.join('1' * 1_500)}) select i)",
        f"REPLACE(REPLACE({LONG}, 'a', 'bbbbbbbbbbbb'), 'b', 'cccccccccccc')",
        "FORMAT('{0,999}', LIST(1))",
        "WORKDAYSDURATION(CREATEDATE(1, 1, 1), CREATEDATE(9999, 1, 1))",
    ],
)
def test_what_would_grow_too_large_is_refused(value: Value, text: str) -> None:
    started = time.monotonic()
    with pytest.raises(FormulaError):
        value(text)
    assert time.monotonic() - started < at_most(5)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+$", "(.*a){20}", "([a-zA-Z]+)*$"])
def test_a_regular_expression_takes_time_in_proportion_to_the_text(value: Value, pattern: str) -> None:
    started = time.monotonic()
    assert value(f"MATCHES('{'a' * 9_000}!', '{pattern}')") in {True, False}
    assert time.monotonic() - started < at_most(5)


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "a{10000}", "(" * 500, "x" * 2_000])
def test_an_expression_that_the_engine_cannot_bound_is_refused(value: Value, pattern: str) -> None:
    with pytest.raises(FormulaError, match="regular expression"):
        value(f"MATCHES('a', '{pattern}')")


def rows(count: int) -> MemoryStore:
    store = MemoryStore()
    for _ in range(count):
        store.add("record", "T", x="1")
    return store


def test_queries_inside_each_other_look_at_so_many_rows_and_no_more() -> None:
    text = "COUNT(from a in db->T where COUNT(from b in db->T select b) > 0 select a)"
    with pytest.raises(FormulaError, match="too many records"):
        compile_formula(text).evaluate(scope_of(rows(400), None, None))


def test_a_formula_that_takes_too_long_is_given_up() -> None:
    formula = compile_formula("COUNT(from a in db->T select a)")
    with pytest.raises(FormulaError, match="takes too long"):
        formula.evaluate(scope_of(rows(1), None, None), most_seconds=-1.0)


def test_a_query_that_failed_leaves_no_variable_behind() -> None:
    scope = scope_of(rows(2), None, None)
    with pytest.raises(FormulaError):
        compile_formula("from a in db->T select a->nosuch").evaluate(scope)
    assert scope.locals == {}
