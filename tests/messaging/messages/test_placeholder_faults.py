"""What would leave in braces is found in a text, with the name that was likely meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.messaging.messages.placeholders import Fault, faults_in, fill, mended

pytestmark = pytest.mark.pure

KNOWN = frozenset({"number", "subject", "status"})
VALUES = dict.fromkeys(KNOWN, "x")


@pytest.mark.parametrize(
    "text",
    ["", "Ticket {number}", "a } b { c", "{", "{{number", "{{7*7}}", "{{a b}}", "{{{number}}}", "{}", "{ }"],
)
def test_a_text_that_leaves_nothing_in_braces_has_no_fault(text: str) -> None:
    assert faults_in(text, KNOWN) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{numbr}", Fault("{numbr}", "number")),
        ("{Number}", Fault("{Number}", "number")),
        ("{{number}}", Fault("{{number}}", "number")),
        ("{ number }", Fault("{ number }", "number")),
        ("{{number} }", Fault("{{number}", "number")),
        ("{__class__}", Fault("{__class__}", None)),
        ("{{__class__}}", Fault("{{__class__}}", None)),
        ("{number.real}", Fault("{number.real}", "number")),
        ("{0}", Fault("{0}", None)),
        ("{numbr\n", Fault("{numbr", "number")),
        ("{7*7}", Fault("{7*7}", None)),
        ("{номер}", Fault("{номер}", None)),
    ],
)
def test_a_fault_is_found_as_written_with_the_likely_name(text: str, fault: Fault) -> None:
    assert faults_in(f"See {text}: {text}", KNOWN) == [fault]


def test_faults_are_mended_where_a_name_is_near() -> None:
    text = "{numbr} and {numbr}, {nonsense}"
    for fault in faults_in(text, KNOWN):
        text = mended(text, fault)
    assert text == "{number} and {number}, {nonsense}"


@given(st.text(alphabet="{} numberstx.", max_size=30))
def test_what_has_no_fault_never_leaves_a_word_in_braces(text: str) -> None:
    if not faults_in(text, KNOWN):
        assert not re.search(r"\{\w+\}", fill(text, dict.fromkeys(KNOWN, "·")))
