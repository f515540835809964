"""What is wrong with a program is said with its place; no program runs for ever or reaches anything else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.n3.conftest import FIRST_LINE, MOMENT, program
from webapp.languages.memory_store import MemoryStore
from webapp.languages.n3 import running
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
        ("(" * 50, 40, "nested too deeply"),
        ("1 assert:count ?value.", 1, "Blocks in braces are needed"),
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
        ("1 cmwstring:toLower ?value.", "A text is needed here, and this is a number"),
        ('"a" string:matches "(". 1 -> ?value.', "The regular expression cannot be used"),
        ("(1) math:difference ?value.", "Two values in brackets"),
        ('("x") cmwstring:substring ?value.', "cannot be used so"),
        ("session:context variable:nosuch ?value.", "“nosuch”"),
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


def test_a_program_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_SECONDS", -1.0)
    with pytest.raises(ProgramError, match="takes too long"):
        compile_program(program(SQUARE)).run(many(200))
