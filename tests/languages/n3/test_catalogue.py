"""Every predicate has words in both languages, and its examples are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.languages.n3.conftest import PREFIXES
from tests.languages.n3.example_world import ExampleWorld, scope_of
from webapp.languages.formulas.catalogue import CatalogueError
from webapp.languages.formulas.showing import show
from webapp.languages.n3 import catalogue
from webapp.languages.n3.catalogue import Binds, Example, Predicate, predicates
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.namespaces import NAMESPACES
from webapp.languages.n3.program import compile_program

CYRILLIC = re.compile("[А-Яа-яЁё]")
ALL = {each.name: each for each in predicates().values()}
EXAMPLES = [
    pytest.param(example, id=f"{each.name}-{number}")
    for each in ALL.values()
    for number, example in enumerate(each.examples)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_true(example: Example) -> None:
    found = compile_program(whole(example.statements)).run(scope_of(ExampleWorld()))
    assert show(found.value, "ru") == example.value


def whole(statements: str) -> str:
    """A program of an example: statements without ?value are a condition."""
    if "?value" not in statements:
        statements = f"if {{ {statements} }} then {{ true -> ?value }} else {{ false -> ?value }}"
    return f"{PREFIXES}\n{{ {statements} }}"


def test_each_predicate_has_an_example_of_itself_and_words_in_both_languages() -> None:
    for name, each in ALL.items():
        written = " a " if name == "rdf:type" else f" {name.rstrip('*')}"
        assert all(written in example.statements for example in each.examples), name
        assert CYRILLIC.search(each.words["ru"]), name
        assert not CYRILLIC.search(each.words["en"]), name


def test_each_predicate_belongs_to_a_known_namespace_and_comes_once() -> None:
    assert {name.partition(":")[0] for name in predicates()} <= set(NAMESPACES.values())
    assert len(ALL) + sum(len(each.also) for each in ALL.values()) == len(predicates())


#: Those that the dialect cannot do without.
NEEDED = """
    object:findProperty object:alias document:currentRevision document:name document:title
    document:revisionExtension document:content document:attach document:httpUri account:mbox account:fullName
    account:displayName account:username account:manager account:active account:title account:department
    account:phone account:language account:userGroupMembership account:groupName cmw:currentUser cmw:container
    cmw:taskStatus cmw:assignee cmw:possibleAssignee cmw:dueDate cmw:title cmw:id session:requestTime
    variable:* operator:add operator:replace operator:clear math:equalTo math:notEqualTo math:greaterThan
    math:notGreaterThan math:lessThan math:notLessThan math:sum string:format string:concatenation
    string:matches string:notMatches string:contains string:join string:replace string:substring string:length
    string:indexOf string:toLower string:split entity:contains list:member list:append list:last
    list:length list:at list:ascending assert:count assert:union assert:distinct assert:sort rdf:type
"""


def test_no_needed_predicate_is_missing() -> None:
    assert set(NEEDED.split()) - predicates().keys() == set()


@pytest.mark.parametrize("each", ALL.values(), ids=lambda each: each.name)
def test_what_needs_a_value_is_refused_without_one(each: Predicate) -> None:
    """The first variable that nothing binds is named; what a predicate may bind it does not need."""
    if each.blocks is not None:
        return
    text = f"{PREFIXES}\n{{ {each.written.replace('NAME', 'name')} . 1 -> ?value }}"
    side = {Binds.OBJECT: each.subject, Binds.SUBJECT: each.object}.get(each.binds, each.written)
    first = re.search(r"\?(\w+)", side)
    if first is None or each.binds is Binds.EITHER:
        compile_program(text)
        return
    with pytest.raises(ProgramError, match=rf"\?{first[1]} has no value here") as refused:
        compile_program(text)
    assert refused.value.place is not None
    assert refused.value.place.line == PREFIXES.count("\n") + 2


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("subject = '?a'", "KeyError"),
        ("subject = '?a'\nobject = '?b'\nru = 'я'\nen = 'I'\nexamples = []\nbind = 'object'", "bind"),
        ("subject = '?a'\nobject = '?b'\nru = 'я'\nen = 'I'\nexamples = []\nbinds = 'all'", "all"),
        ("subject = '?a'\nobject = '?b'\nru = 'я'\nen = 'I'\nexamples = []", "math:nosuch"),
        ("subject = '?a'\nobject = '?b'\nru = 'я'\nen = 'I'\nexamples = []\nfunction = 'NOSUCH'", "NOSUCH"),
    ],
)
def test_a_row_that_is_wrong_is_found_at_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, words: str
) -> None:
    (tmp_path / "numbers.toml").write_text(f'["math:nosuch"]\n{row}\n', encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogue, "GROUPS", ("numbers",))
    with pytest.raises(CatalogueError, match=words) as wrong:
        predicates.__wrapped__()
    assert "numbers.toml" in str(wrong.value)


def test_code_without_words_is_found_at_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numbers.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogue, "GROUPS", ("numbers",))
    with pytest.raises(CatalogueError, match="no words for the predicate"):
        predicates.__wrapped__()
