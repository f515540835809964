"""The page about reliability names what tries each fault, and what it names is there."""

from __future__ import annotations

import re

import pytest

from tests.faults.matrix import table
from tests.faults.matrix.checker import INVARIANTS
from tests.faults.matrix.run import PAGE
from tests.faults.matrix.server_faults import NO_FAULT, SERVER_FAULTS
from webapp.core.config import PROJECT_ROOT

pytestmark = pytest.mark.pure

DELIVERY = [*range(1, 27), *range(32, 45), 49, 50, 51, 53, 54, 57, 58]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def numbers(words: str) -> set[int]:
    ranges = re.findall(r"F(\d+)(?:–F(\d+))?", words)
    return {number for first, last in ranges for number in range(int(first), int(last or first) + 1)}


def test_every_fault_about_delivery_has_its_line():
    lines = [line.split("|")[1] for line in page().splitlines() if line.startswith("| F")]
    named = set().union(*map(numbers, lines))
    assert [number for number in DELIVERY if number not in named] == []


def test_every_test_that_the_page_names_is_there():
    named = TEST.findall(page())
    assert len(named) > 15
    for file, name in named:
        words = (PROJECT_ROOT / file).read_text(encoding="utf-8")
        assert f"def {name}(" in words, f"{file} has no {name}"


def test_every_fault_of_a_server_is_on_the_page():
    families = {name[:3] for name in SERVER_FAULTS if name != NO_FAULT}
    assert [name for name in sorted(families) if f"`{name}-…`" not in page()] == []


def test_every_invariant_and_every_column_is_explained():
    words = page()
    assert [one for one in set(INVARIANTS.values()) if f"| {one} |" not in words] == []
    assert [one for one in table.OWN_COLUMNS if f"| {one.value} |" not in words] == []
    assert words.count(table.BEGINS) == words.count(table.ENDS) == 1
