"""Nothing that a formula says makes the program slow, large or talkative."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.languages.formulas.conftest import scope_of
from tests.support.patience import at_most
from webapp.languages.errors import MISUSE
from webapp.languages.formulas.errors import FormulaError
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.memory_store import MemoryStore
from webapp.languages.store import Ref

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
    with pytest.raises(FormulaError, match="too many values"):
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+".join(["1"] * 3_000) + " == 3000", True),
        ("1" + "*1" * 4_000, 1),
        ("==".join(["true"] * 1_500), True),
        ("&&".join(["true"] * 1_600), True),
        ("(" * 4_000 + "1" + ")" * 4_000, 1),
    ],
)
def test_a_chain_may_be_as_long_as_a_formula(value: Value, text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["!" * 9_000 + "true", "-" * 9_000 + "1", "$" + "->a" * 3_000])
def test_what_would_call_itself_too_often_is_refused(value: Value, text: str) -> None:
    with pytest.raises(FormulaError, match="nested too deeply"):
        value(text)


@pytest.mark.parametrize(
    "inside", ["-({})", "IF(true, {}, 1)", "COUNT(from i in LIST(1) select {})", "FIRST(FIRST(LIST({})))"]
)
def test_the_deepest_formula_is_evaluated_far_down_the_stack(value: Value, inside: str) -> None:
    text = deepest = "1"
    while True:
        text = inside.format(text)
        try:
            compile_formula(text)
        except FormulaError:
            break
        deepest = text

    def further_down(levels: int) -> Any:
        return further_down(levels - 1) if levels else value(deepest)

    assert further_down(200) in {1, -1}


@pytest.mark.parametrize(
    "error",
    [*MISUSE, KeyError, IndexError, OverflowError, ZeroDivisionError],
    ids=lambda error: error.__name__,
)
def test_whatever_goes_wrong_is_told_of_the_formula(error: type[Exception]) -> None:
    class Broken(MemoryStore):
        def read(self, things: Sequence[Ref], attribute: str) -> Any:
            raise error(f"{attribute} of {things}")

    scope = scope_of(Broken(), Ref("record", 1), None)
    for text in ("$a", "$->a", "COUNT($a)", "!$a", "$a && $b"):
        with pytest.raises(FormulaError, match=r"cannot be used so|outside the years"):
            compile_formula(text).evaluate(scope)


HOURS = "HOURS(WORKHOURSDURATION(DATE('1950-01-01'), DATE('2059-01-01'), DURATION('PT9H'), DURATION('PT8H')))"


@pytest.mark.parametrize(
    "text",
    [
        " + ".join([HOURS] * 90) + " > 1",
        f"COUNT(from i in LIST({', '.join('1' * 250)}) select {HOURS})",
        f"LIST({', '.join([HOURS] * 90)})",
        "COUNT(from a in db->T where COUNT(db->T) > 3 select a)",
        "!ANY(LIST(" + ", ".join(["db->T"] * 1_200) + "))",
        "REGEXREPLACE(REPLACE(REPLACE($$a, 'a', $$a), 'a', 'aa'), 'a*b|a', 'c')",
        "FORMAT($$places, 5)",
    ],
    ids=["a sum", "a query", "a list", "a list of all", "lists", "an expression", "a format"],
)
def test_no_formula_works_much_longer_than_it_may(text: str) -> None:
    """Whichever limit it meets first: of time, or of all that it may make."""
    store = rows(3_000)
    store.variables["a"] = "a" * 300
    store.variables["places"] = "{0:N9}" * 100_000
    formula = compile_formula(text)
    started = time.process_time()
    with pytest.raises(FormulaError, match="too long"):
        formula.evaluate(scope_of(store, None, None), most_seconds=0.1)
    assert time.process_time() - started < at_most(1)


@pytest.mark.parametrize(
    "text",
    [
        "LENGTH(FORMAT(REPLACE($$many, 'b', '{0}'), $$long))",
        "LENGTH(REGEXREPLACE($$long, '.*', REPLACE($$many, 'b', '$0')))",
        "LENGTH(REGEXREPLACE($$long, '(.)(.*)', REPLACE($$many, 'b', '${2}$1')))",
        "COUNT(from i in $$rows select TOUPPER($$long))",
        "COUNT(from i in $$rows select $$long + i)",
        "COUNT(from i in $$rows select FIRST(from j in ASCENDING($$rows) select ASCENDING($$rows)))",
        "LENGTH('' + $$longs)",
        "LENGTH(JOIN(',', $$longs))",
        "LENGTH(FORMAT('{0}', LIST($$longs)))",
        "TOLOWER($$dotted)",
        f"LIST({', '.join(['UPPER($$long)'.replace('UPPER', 'TOUPPER')] * 500)})",
    ],
)
def test_what_would_fill_the_memory_is_refused_before_it_does(text: str) -> None:
    long = "a" * 900_000
    variables = {
        "long": long, "many": "b" * 90_000, "longs": ((long,) * 1_000,) * 1_000,
        "rows": tuple(map(str, range(1_000))), "dotted": "\u0130" * 600_000,
    }  # fmt: skip
    formula = compile_formula(text)
    tracemalloc.start()
    try:
        with pytest.raises(FormulaError, match=r"would be longer|would be too long"):
            formula.evaluate(scope_of(MemoryStore(variables), None, None))
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


def test_a_moment_has_no_endless_format(value: Value) -> None:
    with pytest.raises(FormulaError, match="format may have at most 200"):
        value(f"FORMATLOC(NOW(), '{'K' * 9_000}')")


def test_what_stands_for_a_match_has_groups_and_signs(value: Value) -> None:
    assert value("REGEXREPLACE('ab-cd', '([a-d])([a-d])', '${2}$1$$$0$9')") == "ba$ab$9-dc$cd$9"
    assert value("REGEXREPLACE('ab', '(x)?b', '[$1]')") == "a[]"


def test_a_search_that_nobody_could_interrupt_is_refused() -> None:
    scope = scope_of(MemoryStore({"long": "ab" * 400_000}), None, None)
    for text in ("MATCHES($$long, '(a|b)*a(a|b){300}c')", "REGEXREPLACE($$long, '(a|b)*a(a|b){300}c', '')"):
        with pytest.raises(FormulaError, match="too long for this regular expression"):
            compile_formula(text).evaluate(scope)
    assert compile_formula("MATCHES($$long, '^(ab)+$')").evaluate(scope) is True
