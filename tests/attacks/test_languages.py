"""Formulas and programs: whatever is written there reads nothing else, stays small and is answered soon."""

from __future__ import annotations

import builtins
import io
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from tests.attacks.cases import Case, read
from tests.support.patience import at_most
from webapp.languages.errors import LanguageError
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.showing import show
from webapp.languages.memory_store import MemoryStore
from webapp.languages.n3.namespaces import NAMESPACES
from webapp.languages.n3.program import compile_program
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref

pytestmark = pytest.mark.pure

CASES: Final = {each.id: each.text for each in read("languages.jsonl")}
PREFIXES: Final = "".join(f"@prefix {name}: <{iri}>.\n" for iri, name in NAMESPACES.items())
NOW: Final = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
#: So many seconds of work may any of them cost, and those that are known to be slow elsewhere.
SOON, AT_ONCE = 1.0, 0.1
FORMAT, VALUE = "FORMAT($$text, LIST('x'))", "FORMAT('{0}', LIST($$text))"
N3_FORMAT, N3_VALUE = ('(?text "x") string:format ?value.', '("{0}" ?text) string:format ?value.')

ALL = pytest.mark.parametrize("case", [Case(*each) for each in CASES.items()], ids=lambda case: case.id)
Answer = Callable[[], Any]


def scope(**variables: object) -> Scope:
    store = MemoryStore(variables)
    record = store.add("record", "ticket", title=variables.get("title"), subject="x")
    return Scope(store, record, Reader(), NOW)


def formula(text: str, /, **variables: object) -> Any:
    """The value of a formula for a ticket."""
    return compile_formula(text).evaluate(scope(**variables))


def program(statements: str, /, **variables: object) -> Any:
    """The value of a program for a ticket."""
    return compile_program(f"{PREFIXES}{{ {statements} }}").run(scope(**variables)).value


def with_text(statements: str, text: str) -> Any:
    """The value of a program that has the text in ?text."""
    return program(f"session:context variable:text ?text. {statements}", text=text)


def refusal(attempt: Answer) -> str:
    """Why the language refuses it, which it does soon, and with its place if it concerns one."""
    started = time.process_time()
    with pytest.raises(LanguageError) as refused:
        attempt()
    assert time.process_time() - started < at_most(SOON)
    return str(refused.value)


@pytest.fixture(autouse=True)
def nothing_else_is_reached(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files and the network, once both languages have read their own files."""

    def reached(*what: object, **more: object) -> None:
        raise AssertionError(f"reached for {what}")

    assert formula("LIST(1)") == (1,)
    assert program("(1) math:sum ?value") == 1
    with monkeypatch.context() as guarded:
        for place, name in ((builtins, "open"), (io, "open"), (socket, "socket")):
            guarded.setattr(place, name, reached)
        yield


# ---------------------------------------------------------------- whatever it is, wherever it is written


@ALL
def test_a_hostile_text_is_no_formula_and_no_program(case: Case) -> None:
    readers: list[Callable[[str], Any]] = [formula, program, compile_program]
    for attempt in readers:
        assert refusal(lambda: attempt(case.text))  # noqa: B023 - it is called at once


@ALL
def test_a_hostile_value_stands_in_a_result_as_it_is(case: Case) -> None:
    text = case.text[:100_000]
    assert formula(VALUE, text=text) == text
    assert formula("CONCAT(LIST($$text))", text=text) == text
    assert formula("REPLACE('a', 'a', $$text)", text=text) == text
    assert with_text(N3_VALUE, text) == text
    assert with_text('(";" (?text)) string:join ?value.', text) == text
    assert formula("$title", title=text) == text


@ALL
def test_a_hostile_format_is_refused_or_stands_as_it_is(case: Case) -> None:
    """A format that is taken has its own signs only: braces that are written twice become one."""
    attempts: list[Answer] = [
        lambda: formula(FORMAT, text=case.text),
        lambda: with_text(N3_FORMAT, case.text),
    ]
    for attempt in attempts:
        try:
            assert attempt() == case.text.replace("{{", "{").replace("}}", "}")
        except LanguageError as error:
            assert error.place is not None or len(case.text) > 1_000  # noqa: PT017 - one of several outcomes


# ---------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("number", "text", "words"),
    [
        ("F01", "POW(9, POW(9, POW(9, 9)))", "larger than any number"),
        ("F02", "'%0999999999d' * 1", "does not go between these"),
        ("F03", "'a' * 1000000000", "does not go between these"),
        ("F05", "$__class__->__mro__", "There is no attribute"),
        ("F05", "$->__class__", "There is no attribute"),
        ("F05", "__import__('os')", "There is no function"),
        ("F07", "LIST(x for x in db->ticket)", "not expected here"),
        ("F08", "NOT(" * 1_500 + "true" + ")" * 1_500, "nested too deeply"),
        ("F15", "INT(" + "9" * 5_000 + ")", "at most 28 digits"),
        ("F16", "1e999", "means nothing here"),
        ("F16", "nan", "is no variable of a query"),
        ("F16", "POW(10, 999)", "larger than any number"),
    ],
)
def test_what_would_leave_the_language_or_grow_is_refused(number: str, text: str, words: str) -> None:
    assert number in CASES
    assert words in refusal(lambda: formula(text))


def test_f01_and_f13_cost_no_time() -> None:
    said = "a" * 32 + "!"
    condition = 'if { ?text string:matches "^(a+)+$" } then { 1 -> ?value }.'
    assert formula("MATCHES($title, '^(a+)+$')", title=said) is False
    assert with_text(condition, said) is None
    assert cost(lambda: formula("MATCHES($title, '^(a+)+$')", title=said)) < at_most(AT_ONCE)
    assert cost(lambda: with_text(condition, said)) < at_most(AT_ONCE)
    assert cost(lambda: refusal(lambda: formula("POW(9, POW(9, POW(9, 9)))"))) < at_most(AT_ONCE)


def cost(attempt: Answer) -> float:
    """The seconds of work of the cheapest of three attempts: others may be disturbed."""
    times = []
    for _ in range(3):
        started = time.process_time()
        attempt()
        times.append(time.process_time() - started)
    return min(times)


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "9" * 5_000])
def test_f16_what_is_no_number_of_ours_is_empty(text: str) -> None:
    assert formula("DECIMAL($$text)", text=text) is None
    assert formula("INT($$text)", text=text) is None


def test_f16_no_result_is_shown_as_anything_but_digits() -> None:
    for text in ("-0.0", "0 * -1", "0 / -5", "POW(0, 5) * -1", "REMAINDER(-4, 2)"):
        assert show(formula(text), "en") == "0"
    assert formula("1 / 0") is None
    assert formula("SQRT(-1)") is None


# ---------------------------------------------------------------- programs


@pytest.mark.parametrize(
    "iri", ["file:///etc/passwd", "http://127.0.0.1:9/x#", "javascript:alert(1)#", "http://[::1]/"]
)
def test_n01_a_name_of_a_file_or_a_page_is_never_followed(iri: str) -> None:
    assert "Nothing is known by the name" in refusal(lambda: compile_program(f"@prefix x: <{iri}>. {{}}"))
    assert "Nothing is known by the name" in refusal(lambda: program(f"?item <{iri}> ?value"))


@pytest.mark.parametrize("number", ["N04", "N12"])
def test_a_rule_that_would_feed_itself_is_no_program(number: str) -> None:
    text = CASES[number].replace(":", "cmw:")
    assert "=> belongs to rules" in refusal(lambda: compile_program(PREFIXES + text))


def test_n07_brackets_without_end_are_told_where_they_are_too_deep() -> None:
    for pair in ("()", "{}"):
        for depth in (50, 4_000, 9_000):
            text = f"?item cmw:id {pair[0] * depth}{pair[1] * depth}"
            assert "nested too deeply" in refusal(lambda: compile_program(f"{{ {text} }}"))  # noqa: B023 - it is called at once


@pytest.mark.parametrize("number", ["N09", "N07", "T11"])
def test_a_text_without_end_is_refused_before_it_is_read(number: str) -> None:
    text = CASES[number]
    assert len(text) > 20_000
    assert "may have at most" in refusal(lambda: compile_program(text))
    assert "may have at most" in refusal(lambda: compile_formula(text))


@pytest.mark.parametrize(
    "text",
    [
        '"99999999999999999999999999999999999999"^^xsd:integer',
        '"2026-02-30T00:00:00Z"^^xsd:dateTime',
        '"x"^^xsd:boolean',
    ],
)
def test_n10_a_value_that_is_none_of_its_type_is_told_with_its_place(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    line = PREFIXES.count("\n") + 1
    assert refusal(lambda: program(f"{text} -> ?value")).startswith(
        f"{line}:3: This is no value of the type xsd:"
    )
    assert not caplog.records


def test_n11_what_a_record_says_is_never_read_as_a_program() -> None:
    said = CASES["N11"].partition("title contains ")[2]
    for title in (said, '". } { 1 -> ?value', "?value", "} 1 -> ?value", "=> @in ?x"):
        found = program('("ticket" "title") object:findProperty ?p. ?item ?p ?value.', title=title)
        assert found == title


def test_n04_a_program_ends_however_it_multiplies() -> None:
    store = MemoryStore()
    for _ in range(500):
        store.add("record", "T")
    pairs = " ".join(f'?v{number} a [object:alias "T"].' for number in range(20))
    many = compile_program(f"{PREFIXES}{{ {pairs} ?v0 -> ?value }}")
    with pytest.raises(LanguageError, match=r"too many values|takes too long"):
        many.run(Scope(store, Ref("record", 1), Reader(), NOW))
