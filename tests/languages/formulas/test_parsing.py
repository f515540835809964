"""Texts become trees, trees become texts that mean the same, and nothing else comes of any text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.languages.formulas import tree
from webapp.languages.formulas.errors import FormulaError, Place
from webapp.languages.formulas.parsing import parse
from webapp.languages.formulas.printing import write
from webapp.languages.formulas.tree import Node

PLACE = Place(1, 1)
WORDS = {"true", "false", "null", "from", "in", "where", "orderby", "select", "db", "ascending", "descending"}
names = st.sampled_from(["a", "Получатель", "cmw.account.mbox", "op.11", "from", "select", "_x", "Ё1"])
local_names = st.sampled_from(["i", "row", "строка"])
literals = st.one_of(
    st.decimals(0, 10**9, places=3, allow_nan=False).map(lambda number: Decimal(f"{number:f}")),
    st.text("abc \"'«я\n//->$", max_size=8),
    st.sampled_from([True, False, None]),
)


def node(kind: Any, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Node]:
    return st.builds(lambda *values: kind(PLACE, 1, *values), *parts)


def deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    chains = [
        st.lists(inner, min_size=count + 1, max_size=count + 1).flatmap(
            lambda operands, signs=signs: st.lists(
                st.sampled_from(signs), min_size=len(operands) - 1, max_size=len(operands) - 1
            ).map(lambda chosen: tree.Chain(PLACE, 1, tuple(operands), tuple(chosen)))
        )
        for count in (1, 2)
        for signs in (["&&"], ["||"], ["==", "!=", "<", "<=", ">", ">="], ["+", "-"], ["*", "/"])
    ]
    order = st.none() | node(tree.Order, inner, st.booleans())
    queries = node(
        tree.Query, local_names, inner | node(tree.Template, names), st.none() | inner, order, inner
    )
    return st.one_of(
        *chains,
        queries,
        node(tree.Step, inner, names),
        node(tree.Back, inner, names, names),
        node(tree.Prefixed, st.sampled_from("-!"), inner),
        node(tree.Call, st.sampled_from(["IF", "ANY", "НЕТ"]), st.lists(inner, max_size=3).map(tuple)),
        node(tree.AnyWhere, queries, local_names, inner),
    )


trees = st.recursive(
    st.one_of(
        node(tree.Literal, literals), node(tree.Attribute, names), node(tree.Variable, names),
        node(tree.Local, local_names), node(tree.Current),
    ),
    deeper,
    max_leaves=8,
)  # fmt: skip


@given(trees)
def test_what_is_written_reads_as_the_same(root: Node) -> None:
    assert parse(write(root)) == root


def attempt(text: str) -> tuple[Node | None, Place | None]:
    try:
        return parse(text), None
    except FormulaError as error:
        return None, error.place


@given(st.text(max_size=60) | st.text("$->a<:=&|!()[],\"'db fromin select1.5+*/\n", max_size=60))
def test_any_text_is_a_tree_or_has_a_place_where_it_is_wrong(text: str) -> None:
    root, place = attempt(text)
    if root is not None:
        assert parse(write(root)) == root
    elif place is not None:
        lines = text.split("\n")
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (1, 1), "is empty"),
        ("  // only a remark", (1, 19), "ends too early"),
        ("$a +", (1, 5), "ends too early"),
        ("IF($a,\n   $b", (2, 6), "ends too early"),
        ('CONCAT("abc', (1, 8), "is never closed"),
        ("$a $b", (1, 4), "“$b” is not expected"),
        ("1 # 2", (1, 3), "'#' means nothing"),
        ("F(,)", (1, 3), "“,” is not expected"),
        ("9**9**9**9", (1, 3), "“*” is not expected"),
        ("'%0999999999d' % 1", (1, 16), "'%' means nothing"),
        ("1<<10**9", (1, 3), "“<” is not expected"),
        ("().__class__.__mro__[1].__subclasses__()", (1, 2), "“)” is not expected"),
        ("[x for x in range(10**9)]", (1, 2), "“x” is not expected"),
        ("1e999", (1, 1), "'1' means nothing"),
        ("$a = 1", (1, 4), "'=' means nothing"),
        ('$title == "a\0b"', (1, 13), r"'\x00' means nothing"),
        ("1 // a\n+ 2 // \0", (2, 8), r"'\x00' means nothing"),
        ("'a\ud800'", (1, 3), r"'\ud800' means nothing"),
        ("1" * 30, (1, 1), "at most 28 digits"),
        ("-" * 100 + "1", (1, 41), "nested too deeply"),
        ("F(" * 200 + ")" * 200, (1, 279), "nested too deeply"),
        ("$a" + "->b" * 200, (1, 180), "nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse(text)
    assert words in str(refused.value)
    assert refused.value.place == place


@pytest.mark.parametrize("text", ["1" + "+1" * 5_000, "(" * 5_001 + "1" + ")" * 5_001])
def test_a_formula_that_is_too_long_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(FormulaError, match="at most 10000 characters"):
        parse(text)


def test_brackets_alone_are_no_depth() -> None:
    assert parse("(" * 4_900 + "1" + ")" * 4_900) == parse("1")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("if ( true , 1 , 2 )", "IF(true, 1, 2)"),
        ("TRUE && Null == false", "true && (null == false)"),
        ("$a—>b – 1", None),
        ("$a—>b", "$a->b"),
        ("$from->select", "$from->select"),
        ("$a<-5", "$a < (-5)"),
        ("$a<-T:B->c", "$a<-T:B->c"),
        ("1 - 2 - 3", "1 - 2 - 3"),
        ("'it''s'", '"it\'s"'),
        ("from in db->T select i->x", "from i in db->T select i->x"),
        ("1 + // a remark: \" and '\n 2", "1 + 2"),
    ],
)
def test_people_write_the_same_in_several_ways(text: str, same: str | None) -> None:
    if same is None:
        with pytest.raises(FormulaError):
            parse(text)
    else:
        assert write(parse(text)) == same
