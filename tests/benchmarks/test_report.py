"""The page of figures: what a line says, what stays when a part is measured again, what is said of gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.measurement import Goal, Measurement
from benchmarks.report import Entry
from benchmarks.rounds import RATE, Round, Unit

pytestmark = pytest.mark.pure

HERE = {"date": "2026-11-21", "processor": "A processor, 2 cores"}
LATER = {"date": "2026-11-22", "processor": "A processor, 2 cores"}


def measurement(key: str, *goals: Goal, title: str = "durable drain") -> Measurement:
    return Measurement(key, title, lambda _stage: {}, goals)


def with_rival(goal: Goal) -> Measurement:
    return Measurement("peers.x", "against X", lambda _stage: {}, (goal,), lambda _stage: {}, "X")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    return tmp_path


def page_of(root: Path, entry: Entry, where: Mapping[str, str] = HERE) -> str:
    report.write([entry], where, root)
    return (root / report.PAGE).read_text(encoding="utf-8")


def test_a_line_shows_the_figure_beside_what_is_asked_and_whether_it_is_reached(root: Path) -> None:
    drain = measurement("drain.sqlite", Goal(Unit.REFERENCE, 0.10, 0.15))
    rounds = [Round(1000, 1000, {RATE: rate}) for rate in (110, 120, 130)]
    page = page_of(root, Entry.of(drain, rounds))
    assert "| durable drain | **0.120 R** | 0.110 R – 0.130 R | 0.100 R ✓ | 0.150 R ✗ |" in page
    assert "| 120/s | 1,000/s | 3 of 3 |" in page


def test_a_comparison_shows_both_rates(root: Path) -> None:
    peer = with_rival(Goal(Unit.RIVAL, 4, 8))
    page = page_of(root, Entry.of(peer, [Round(100, 100, {RATE: 900}, {RATE: 100})]))
    assert "| against X | **9.0×** |" in page
    assert "900/s against 100/s" in page


def test_of_times_the_smaller_is_the_better(root: Path) -> None:
    click = measurement("clicks", Goal(Unit.MILLISECONDS, 300, 100, "p50"), title="click")
    page = page_of(root, Entry.of(click, [Round(100, 100, {"p50": 200})]))
    assert "**200 ms** | 200 ms – 200 ms | 300 ms ✓ | 100 ms ✗ |" in page


def test_a_figure_of_which_nothing_is_asked_has_no_mark(root: Path) -> None:
    page = page_of(root, Entry.of(with_rival(Goal(Unit.RIVAL)), [Round(100, 100, {RATE: 9}, {RATE: 3})]))
    assert "**3.0×** | 3.0× – 3.0× | – | – |" in page


def test_what_could_not_be_measured_says_why(root: Path) -> None:
    entry = Entry.without(measurement("peers.x", title="against X"), "node is not installed here")
    page = page_of(root, entry)
    assert "- against X: node is not installed here" in page
    assert "**" not in page.split("## 2026-11-21")[1]


def test_an_unsteady_machine_gives_no_figure() -> None:
    entry = Entry.of(measurement("drain", Goal(Unit.REFERENCE, 1, 2)), [Round(100, 200, {RATE: 1})] * 9)
    assert entry.rows == ()
    assert "too unsteady in all 9 rounds" in entry.reason


def test_a_part_that_is_measured_again_leaves_the_other_figures(root: Path) -> None:
    steady = [Round(100, 100, {RATE: 10})]
    first, second = measurement("a", Goal(Unit.PER_SECOND)), measurement("b", Goal(Unit.PER_SECOND))
    report.write([Entry.of(first, steady), Entry.of(second, steady)], HERE, root)
    page = page_of(root, Entry.of(second, [Round(100, 100, {RATE: 77})]), LATER)
    kept = json.loads((root / report.FIGURES).read_text(encoding="utf-8"))
    assert [kept["a"]["where"], kept["b"]["where"]] == [HERE, LATER]
    newer, older = page.split("## 2026-11-22")[1].split("## 2026-11-21")
    assert "**77/s**" in newer
    assert "**10/s**" in older
