"""Texts become trees, and what a tree is written as reads as the same tree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.n3.writing import IRIS, write_program
from webapp.languages.errors import Place
from webapp.languages.n3 import tree
from webapp.languages.n3.errors import ProgramError
from webapp.languages.n3.namespaces import NAMESPACES, namespace_of
from webapp.languages.n3.parsing import DEEPEST, LONGEST, parse

PLACE = Place(1, 1)


def node(kind: Any, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda *values: kind(*values, PLACE), *parts)


texts = st.text("abя \\\"\n\t#{}().?<>-@'/", max_size=8)
variables = node(tree.Variable, st.sampled_from(["item", "value", "Активы", "_x1", "a", "if"]))
names = node(tree.Name, st.sampled_from(sorted(IRIS)), st.sampled_from(["sum", "not", "имя", "to-day", "a"]))
literals = node(
    tree.Literal,
    st.one_of(
        texts,
        st.booleans(),
        st.decimals(-(10**9), 10**9, places=3, allow_nan=False).map(lambda number: Decimal(f"{number:f}")),
        st.just(datetime(2026, 11, 22, 12, 30, tzinfo=UTC)),
        st.integers(-(10**6), 10**6).map(lambda minutes: timedelta(minutes=minutes)),
    ),
)
alone = st.one_of(variables, names, literals)
targets = variables | node(tree.Many, st.lists(variables, max_size=3).map(tuple))


def many(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return node(tree.Many, st.lists(inner, max_size=3).map(tuple))


def deeper(blocks: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    terms = st.one_of(alone, many(alone), many(blocks), blocks, node(tree.Kind, names, texts))
    predicates = variables | names | st.just(tree.Name("rdf", "type", PLACE))
    statements = st.one_of(
        node(tree.Triple, terms, predicates, terms | st.just(tree.Anything(PLACE))),
        node(tree.Assign, terms, targets),
        node(tree.Compare, terms, terms, st.booleans()),
        node(tree.Choose, blocks, blocks, blocks),
        node(tree.Either, st.lists(blocks, min_size=1, max_size=3).map(tuple)),
        node(tree.Once, blocks),
        node(tree.Negate, blocks),
        node(tree.Collect, blocks, targets, variables),
    )
    return node(tree.Block, st.lists(statements, max_size=3).map(tuple))


bodies = st.recursive(node(tree.Block, st.just(())), deeper, max_leaves=6)


@given(bodies)
def test_what_is_written_reads_as_the_same(body: tree.Block) -> None:
    assert parse(write_program(body)) == body


@given(st.text(max_size=80) | st.text('{}()[]?.:-><="#@^ifthenorselecta1\n', max_size=80))
def test_any_text_is_a_tree_or_has_a_place_where_it_is_wrong(text: str) -> None:
    place = refusal(text)
    if place is not None:
        lines = text.split("\n")
        assert 1 <= place[0] <= len(lines)
        assert 1 <= place[1] <= len(lines[place[0] - 1]) + 1


def refusal(text: str) -> Place | None:
    try:
        body = parse(text)
    except ProgramError as error:
        return error.place
    assert parse(write_program(body)) == body
    return None


def test_a_program_has_a_length_and_a_depth() -> None:
    parse("{}" + " " * (LONGEST - 2))
    with pytest.raises(ProgramError, match=f"at most {LONGEST} characters"):
        parse("{}" + " " * (LONGEST - 1))
    parse("{ " + "(" * (DEEPEST - 1) + ")" * (DEEPEST - 1) + " -> ?x }")
    with pytest.raises(ProgramError, match=f"at most {DEEPEST} levels"):
        parse("{ " + "(" * DEEPEST + ")" * DEEPEST + " -> ?x }")


@pytest.mark.parametrize(("iri", "name"), NAMESPACES.items())
def test_a_namespace_is_told_by_its_path(iri: str, name: str) -> None:
    assert namespace_of(iri) == name
    assert namespace_of(iri.replace("http:", "https:")) == name
    assert namespace_of("http://desk.example.com/" + iri.split("/", 3)[3]) == name


@pytest.mark.parametrize(
    "iri", ["", "logics#", "file:///etc/passwd", "http://x/y#", "urn:a:b", "http://x/y/logics#"]
)
def test_other_names_are_nothing(iri: str) -> None:
    assert namespace_of(iri) is None
