"""What is wrong with a program is said with its place; no program runs for ever or reaches anything else."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.n3.conftest import FIND, FIRST_LINE, MOMENT, program
from tests.support.patience import at_most
from webapp.languages import budget
from webapp.languages.errors import MISUSE, Unfit
from webapp.languages.formulas.showing import show
from webapp.languages.memory_store import MemoryStore
from webapp.languages.n3 import parsing, running
from webapp.languages.n3 import program as program_module
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.program import Result, compile_program
from webapp.languages.scope import Reader, Scope

Run = Callable[[str], Result]


@pytest.mark.parametrize(
    ("statements", "column", "words"),
    [
        ("?item ?ownerAttr ?o. ?o account:password ?value.", 25, "Passwords cannot be read"),
        ("?z account:mbox ?value.", 1, "?z has no value here"),
        ("?item ?ownerAttr ?owner. ?ovner account:mbox ?value.", 26, "Is ?owner meant?"),
        ("?item ?ovnerAttr ?value.", 7, "Is ?ownerAttr meant?"),
        ("?item ?ownerAttr ?o. ?o account:mbx ?value.", 25, "Is account:mbox meant?"),
        ("?item ?ownerAttr ?o. ?o account:etwas_ganz_anderes ?value.", 25, "There is no predicate"),
        ("?item acount:mbox ?value.", 7, "The prefix “acount:” is not declared"),
        ("?item <file:///etc/passwd> ?value.", 7, "Nothing is known by the name"),
        ("?a == ?b. 1 -> ?value.", 1, "?a has no value here"),
        ("?x -> ?value.", 1, "?x has no value here"),
        ("1 -> 2.", 6, "Only a variable can take a value"),
        ("?item ?ownerAttr.", 17, "“.” is not expected here"),
        ("{ ?t ?x ?y } => { ?y ?x ?t }.", 14, "=> belongs to rules"),
        ("@in ?x. 1 -> ?value.", 1, "@in belongs to rules"),
        ('?item ?ownerAttr "x', 18, "never closed"),
        ("?item ?ownerAttr §.", 18, "'§' means nothing"),
        ('?value a [object:alias "a\0"].', 26, r"'\x00' means nothing"),
        ('?value a [object:alias "a\\u0000"].', 24, r"'\x00' means nothing"),
        ('1 -> ?x. "a\\ud800" -> ?value.', 10, r"'\ud800' means nothing"),
        ('1 -> ?x. "1\\udc00"^^xsd:string -> ?value.', 10, r"'\udc00' means nothing"),
        ("(" * 50, 40, "nested too deeply"),
        ("1 assert:count ?value.", 1, "Blocks in braces are needed"),
        ("(1 {1 -> ?x}) assert:union true. 1 -> ?value.", 2, "Blocks in braces are needed"),
        ("({1 -> ?x} {1 -> ?y}) assert:union true. ?x -> ?value.", 42, "?x has no value here"),
        ("{ 1 -> ?x } assert:count ?n. ?x -> ?value.", 30, "?x has no value here"),
        ("{ 1 -> ?x } assert:distinct ?y. ?y -> ?value.", 29, "?y has no value here"),
        ("1 math:greaterThan ?x. 1 -> ?value.", 20, "?x has no value here"),
        ("variable:answer operator:replace ?value.", 34, "?value has no value here"),
        ("?x list:in ?l. ?x -> ?value.", 12, "?l has no value here"),
        ("?value a ?template.", 10, "?template has no value here"),
        ("?template object:alias ?name. ?name -> ?value.", 1, "?template has no value here"),
        ("(?content ?name) document:attach ?value.", 2, "?content has no value here"),
        ("session:contxt session:requestTime ?value.", 1, "Is session:context meant?"),
        ("?value a account:Acount.", 10, "Is account:Account meant?"),
        ("?value a math:sum.", 10, "math:sum stands for nothing here."),
        ("?value a variable:x.", 10, "variable:x stands for nothing here."),
        ("?value a taskStatus:x.", 10, "taskStatus:x stands for nothing here."),
        ("?value a session:context.", 10, "session:context stands for nothing here."),
        ('[object:alias "Assets"] ?titleAttr ?value.', 2, "Write the template so"),
        ('?item ?titleAttr [object:alias "Assets"]. 1 -> ?value', 19, "Write the template so"),
        ("?item ?ownerAttr ?o. ?o cmwmath:summe ?value.", 25, "Is math:sum meant?"),
        ('"9"^^xsd:date -> ?value.', 6, "The type xsd:date is not known. There are: xsd:boolean"),
        ('"9"^^cmw:integer -> ?value.', 6, "The type cmw:integer is not known"),
        ('1 -> ?x. "9.5"^^xsd:integer -> ?value.', 10, "This is no value of the type xsd:integer"),
        ('"2026-02-30T00:00:00Z"^^xsd:dateTime -> ?value.', 1, "no value of the type xsd:dateTime"),
        ('"2026-02-28T00:00:00"^^xsd:dateTime -> ?value.', 1, "no value of the type xsd:dateTime"),
    ],
)  # fmt: skip
def test_what_is_certain_is_refused_before_it_runs(statements: str, column: int, words: str) -> None:
    with pytest.raises(ProgramError) as refused:
        compile_program(program(statements))
    assert words in str(refused.value)
    assert refused.value.place == (FIRST_LINE, column)


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ("1 -> ?a. ?item ?a ?value.", "?a is no attribute"),
        ('"x" -> ?a. ?a ?ownerAttr ?value.', "Only a record has attributes"),
        ('("Elpisma" "nosuch") object:findProperty ?p. ?item ?p ?value.', "no attribute “nosuch”"),
        ('"x" object:findProperty ?value.', "Write a template and an attribute"),
        ("1 cmwstring:toLower ?value.", "string:toLower cannot take this as string: it is a number"),
        ('"a" string:matches "(". 1 -> ?value.', "The regular expression cannot be used"),
        ("(1) math:difference ?value.", "math:difference is written (?a ?b) math:difference ?difference."),
        ('("x") cmwstring:substring ?value.', "string:substring is written"),
        (
            '("Asets" "title") object:findProperty ?p. ?y ?p 1. ?y -> ?value.',
            "no template “Asets”. Is “Assets” meant?",
        ),
        ('?value a [object:alias "Asets"].', "There is no template “Asets”. Is “Assets” meant?"),
        ("session:context variable:nosuch ?value.", "There is no variable “nosuch”."),
        ("session:context variable:mial ?value.", "There is no variable “mial”. Is “mail” meant?"),
        ('("Assets" "titel") object:findProperty ?p. ?value ?p 1.', "Is “title” meant?"),
        ('?value a [object:alias "nosuch"].', "There is no template “nosuch”."),
        ("1 -> ?t. ?value a ?t.", "Write the template so"),
        ("(1 2) document:attach ?value.", "Write a content and a name"),
        ('("," 1) string:split ?value.', "A text is needed here, and this is a number"),
        ('("" "a") string:split ?value.', "The separator is empty"),
        ('("a" "b" 1) string:cutString ?value.', "A number is needed here, and this is a text"),
        ('("a" "b" 1) entity:indexOf ?value.', "So many values in brackets are needed here: 2."),
        ('"?" string:fromBase64 ?value.', "This is no text in Base64"),
        ('"a" time:year ?value.', "time:year cannot take this as dateTime: it is a text"),
        ('("a" "UTC" "UTC") time:fromTzToTz ?value.', "Write a moment and two zones"),
        ("(1) list:at ?value.", "Write a list and a place"),
        ("1 math:equalTo ?.. 1 -> ?value.", "The object has no value here"),
    ],
)
def test_what_goes_wrong_while_it_runs_has_its_place(run: Run, statements: str, words: str) -> None:
    with pytest.raises(ProgramError, match=re.escape(words)) as refused:
        run(statements)
    assert refused.value.place is not None
    assert refused.value.place.line == FIRST_LINE


@pytest.mark.parametrize("text", ["", "{}", "{ ?item ?item ?item }", "x" * 30_000])
def test_a_program_must_give_a_value(text: str) -> None:
    with pytest.raises(ProgramError):
        compile_program(text)


@given(st.text(max_size=80) | st.text('{}()[]?.:-><="#@ itemvalueorfromselect1a\n', max_size=80))
def test_any_text_is_a_program_or_has_a_place_where_it_is_wrong(text: str) -> None:
    place = refusal(text)
    if place is not None:
        lines = text.split("\n")
        assert 1 <= place[0] <= len(lines)
        assert 1 <= place[1] <= len(lines[place[0] - 1]) + 1


def refusal(text: str) -> tuple[int, int] | None:
    try:
        compile_program(text)
    except ProgramError as error:
        return error.place
    return None


def many(count: int) -> Scope:
    store = MemoryStore()
    for _ in range(count):
        store.add("record", "T")
    return Scope(store, None, Reader(), MOMENT)


SQUARE = '?a a [object:alias "T"]. ?b a [object:alias "T"]. ?c a [object:alias "T"]. ?a -> ?value.'


def test_a_program_looks_at_so_many_values_and_no_more() -> None:
    with pytest.raises(ProgramError, match="too many values"):
        compile_program(program(SQUARE)).run(many(200))


@pytest.mark.parametrize("count", [10, 3_300])
def test_a_program_may_have_any_number_of_statements(count: int) -> None:
    text = "{" + "1->?a." * count + " 1 -> ?value}"
    assert len(text) < parsing.LONGEST
    assert compile_program(text).run(many(0)).value == 1


@pytest.mark.parametrize("text", ['"""a"b"""', '"""a""b"""', '""" "" \\""" """'])
def test_brackets_behind_a_text_with_quotation_marks_are_counted(text: str) -> None:
    deep = f'{{ {text} -> ?x. {"(" * 4_000}{")" * 4_000} "z" -> ?value }}'
    with pytest.raises(ProgramError, match="nested too deeply"):
        compile_program(deep)


@pytest.mark.parametrize(("inside", "words"), [("?a ?a", "longer than"), ("?a", "at most 40 levels")])
def test_lists_in_lists_end_somewhere(inside: str, words: str) -> None:
    steps = [f"({inside.replace('?a', f'?v{number}')}) -> ?v{number + 1}. " for number in range(60)]
    text = f"{{ (1 1) -> ?v0. {''.join(steps)} ?v60 -> ?value }}"
    with pytest.raises(ProgramError, match=words):
        compile_program(text).run(many(0))


def test_a_program_finds_so_many_values_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_module, "MOST_VALUES", 5)
    text = program('?value a [object:alias "T"].')
    assert len(compile_program(text).run(many(5)).values) == 5
    with pytest.raises(ProgramError, match="more than 5 values"):
        compile_program(text).run(many(6))


def test_a_program_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_SECONDS", -1.0)
    with pytest.raises(ProgramError, match="takes too long"):
        compile_program(program(SQUARE)).run(many(200))


@pytest.mark.parametrize(
    "statements",
    [
        "(?long ?row) string:concatenation ?made.",
        '(?row ?long) string:concatenation ?whole. ("," ?whole) string:split ?made.',
        f"({'?row ' * 2_500}) -> ?made.",
        f"((({'?row ' * 2_500}))) -> ?made.",
    ],
)
def test_what_would_fill_the_memory_is_refused_before_it_does(
    statements: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "MOST_CHARACTERS", 5_000_000)
    store = MemoryStore({"long": "a," * 45_000, "row": tuple(map(str, range(5_000)))})
    find = "session:context variable:long ?long. session:context variable:row ?row."
    text = program(f"{find} from {{ {statements} }} select ?made -> ?value.")
    compiled = compile_program(text.replace(FIND, ""))
    tracemalloc.start()
    try:
        with pytest.raises(ProgramError, match="would be too long"):
            compiled.run(Scope(store, None, Reader(), MOMENT))
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_a_list_of_one_long_text_is_not_shown_as_often_as_it_has_it() -> None:
    inner = f"({'?long ' * 100}) -> ?inner."
    text = program(f"session:context variable:long ?long. {inner} ({'?inner ' * 100}) -> ?value.")
    store = MemoryStore({"long": "a" * 90_000})
    found = compile_program(text.replace(FIND, "")).run(Scope(store, None, Reader(), MOMENT)).value
    assert len(found) == 100
    with pytest.raises(Unfit, match="would be longer"):
        show(found, "en")


@pytest.mark.parametrize("error", [*MISUSE, KeyError, IndexError, OverflowError])
def test_whatever_goes_wrong_is_told_of_the_program(error: type[Exception]) -> None:
    class Broken(MemoryStore):
        def variable(self, name: str) -> Any:
            raise error(name)

    with pytest.raises(ProgramError, match="cannot be used so"):
        compile_program(program("session:context variable:x ?value.").replace(FIND, "")).run(
            Scope(Broken(), None, Reader(), MOMENT)
        )


def test_branches_that_find_nothing_take_their_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_SECONDS", 0.1)
    moments = " ".join(
        f'"{year}-01-01T00:00:00Z"^^xsd:dateTime -> ?{name}.' for name, year in (("from", 1950), ("to", 2059))
    )
    day = '"PT9H"^^xsd:duration "PT8H"^^xsd:duration'
    branch = f"or {{ (?from ?to {day}) time:workhoursDuration ?h. ?h == 1 }}"
    text = program(f"{moments} {branch * 90}. 1 -> ?value.").replace(FIND, "")
    started = time.process_time()
    with pytest.raises(ProgramError, match="takes too long"):
        compile_program(text).run(many(0))
    assert time.process_time() - started < at_most(1)
