"""Placeholders: flat strings put into a text, and nothing more."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from webapp.messaging.messages.placeholders import UnknownPlaceholder, fill, names_in

pytestmark = pytest.mark.pure


def test_names_are_replaced_and_double_braces_are_braces():
    assert fill("#{number}: {{literal}} {a}{a}", {"number": "7", "a": "x"}) == "#7: {literal} xx"


def test_what_is_filled_in_is_not_read_again():
    assert fill("{a}", {"a": "{b}", "b": "secret"}) == "{b}"


@pytest.mark.parametrize(
    "text", ["{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{ a }", "{", "}", "{}", "{0}", "body { color: red }"]
)
def test_what_is_no_name_stays_as_it_is(text):
    assert fill(text, {"a": "value"}) == text


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(UnknownPlaceholder) as caught:
        fill("{FileName}", {"Filename": "x"})
    assert (caught.value.name, caught.value.nearest) == ("FileName", "Filename")


def test_only_strings_are_taken():
    with pytest.raises(TypeError):
        fill("{a}", {"a": 5})


def test_names_are_listed_once_in_order():
    assert names_in("{b} {a} {{c}} {b}") == ("b", "a")


def test_long_texts_take_linear_time():
    started = time.process_time()
    fill("{" * 200_000 + "{a" * 50_000, {"a": "x"})
    assert time.process_time() - started < 1


@given(some.text(), some.text())
def test_any_value_arrives_unchanged(before, value):
    plain = before.replace("{", "").replace("}", "")
    assert fill(plain + "{a}", {"a": value}) == plain + value
