"""Which rounds count, what is compared with what, and what is told of many."""

from __future__ import annotations

import pytest

from benchmarks.rounds import (
    MOST_TRIES,
    RATE,
    Figures,
    Round,
    Unit,
    percentile,
    play,
    summarise,
    summarise_reference,
    summarise_rival,
)

pytestmark = pytest.mark.pure


def test_a_round_counts_while_its_references_are_within_twelve_percent() -> None:
    assert Round(1000, 1120, {RATE: 1}).is_steady
    assert Round(1120, 1000, {RATE: 1}).is_steady
    assert not Round(1000, 1121, {RATE: 1}).is_steady
    assert not Round(1121, 1000, {RATE: 1}).is_steady


def test_a_reference_of_nothing_never_counts() -> None:
    assert not Round(0, 0, {RATE: 1}).is_steady


def test_a_ratio_to_the_reference_takes_the_middle_of_both() -> None:
    assert Round(900, 1000, {RATE: 95}).value(RATE, Unit.REFERENCE) == pytest.approx(0.1)


def test_a_ratio_to_a_rival_stays_within_the_round() -> None:
    rounds = [Round(100, 100, {RATE: 80}, {RATE: 10}), Round(50, 50, {RATE: 40}, {RATE: 5})]
    summary = summarise(rounds, RATE, Unit.RIVAL)
    assert summary is not None
    assert (summary.low, summary.middle, summary.high) == (8, 8, 8)


def test_a_figure_without_a_rival_is_not_compared_with_one() -> None:
    with pytest.raises(ValueError, match="was not measured"):
        Round(100, 100, {RATE: 80}).value(RATE, Unit.RIVAL)


def test_rounds_that_do_not_count_are_left_out_of_everything() -> None:
    rounds = [
        Round(100, 100, {RATE: 10}, {RATE: 1}),
        Round(100, 200, {RATE: 9000}, {RATE: 9000}),
        Round(100, 100, {RATE: 30}, {RATE: 2}),
        Round(100, 100, {RATE: 20}, {RATE: 3}),
    ]
    mine = summarise(rounds, RATE, Unit.PER_SECOND)
    theirs, reference = summarise_rival(rounds, RATE), summarise_reference(rounds)
    assert mine is not None
    assert theirs is not None
    assert reference is not None
    assert (mine.low, mine.middle, mine.high) == (10, 20, 30)
    assert (theirs.middle, reference.middle) == (2, 100)


def test_there_is_no_summary_of_rounds_none_of_which_counts() -> None:
    assert summarise([Round(100, 200, {RATE: 1})], RATE, Unit.REFERENCE) is None


def test_rounds_are_played_until_enough_count() -> None:
    references = iter([100, 100, 200, 200, 200])
    told: list[Round] = []
    rounds = play(lambda: next(references), lambda: {RATE: 1}, None, 3, told.append)
    assert [one.is_steady for one in rounds] == [True, False, True, True]
    assert told == rounds


def test_the_reference_after_a_round_is_the_one_before_the_next() -> None:
    references = iter([100.0, 101.0, 102.0])
    first, second = play(lambda: next(references), lambda: {RATE: 1}, None, 2)
    assert (first.before, first.after, second.before, second.after) == (100, 101, 101, 102)


def test_a_machine_that_is_never_quiet_is_given_up() -> None:
    factor = [1.0]

    def reference() -> float:
        factor[0] *= 2
        return factor[0]

    assert len(play(reference, lambda: {RATE: 1}, None, 3)) == 3 * MOST_TRIES


def test_who_goes_first_changes_from_round_to_round() -> None:
    order: list[str] = []

    def run(name: str) -> Figures:
        order.append(name)
        return {RATE: 1}

    play(lambda: 100, lambda: run("ours"), lambda: run("theirs"), 2)
    assert order == ["ours", "theirs", "theirs", "ours"]


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 50), (95, 95), (100, 100)])
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 50)
