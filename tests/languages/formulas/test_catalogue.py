"""Every function has words in both languages, and its examples are true."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from webapp.languages.formulas.catalogue import Example, functions

EXAMPLES = [
    pytest.param(example, id=f"{function.name}-{number}")
    for function in functions().values()
    for number, example in enumerate(function.examples)
]
CYRILLIC = re.compile("[А-Яа-яЁё]")


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_true(shown: Callable[[str], str], example: Example) -> None:
    assert shown(example.formula) == example.value


def test_all_functions_of_the_reference_are_there() -> None:
    assert len(functions()) == 180
    assert all(name == name.upper() for name in functions())


def test_each_function_has_an_example_of_itself_and_words_in_both_languages() -> None:
    for name, function in functions().items():
        assert any(name in example.formula for example in function.examples), name
        assert CYRILLIC.search(function.words["ru"]), name
        assert not CYRILLIC.search(function.words["en"]), name


def test_arguments_that_may_be_left_out_come_last() -> None:
    for name, function in functions().items():
        needed = [not (each.is_optional or each.is_repeated) for each in function.parameters]
        assert needed == sorted(needed, reverse=True), name
        assert not any(each.is_repeated for each in function.parameters[:-1]), name
