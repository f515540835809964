"""A stage is decided exactly when no further vote could change its outcome."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.desk.approvals.outcomes import Outcome, Rule, approvals_needed, outcome_of

pytestmark = pytest.mark.pure

stages = st.integers(1, 8).flatmap(
    lambda asked: st.tuples(
        st.just(asked), st.integers(1, asked), st.lists(st.booleans(), min_size=asked, max_size=asked)
    )
)


def outcome(asked: int, needed: int, votes: list[bool]) -> Outcome | None:
    return outcome_of(asked, needed, votes.count(True), votes.count(False))


@pytest.mark.parametrize(
    ("rule", "needed", "votes", "expected"),
    [
        (Rule.ALL, None, [True, True], None),
        (Rule.ALL, None, [True, True, True], Outcome.APPROVED),
        (Rule.ALL, None, [True, False], Outcome.REJECTED),
        (Rule.ANY, None, [False, False], None),
        (Rule.ANY, None, [False, True], Outcome.APPROVED),
        (Rule.ANY, None, [False, False, False], Outcome.REJECTED),
        (Rule.SOME, 2, [True, False], None),
        (Rule.SOME, 2, [True, False, True], Outcome.APPROVED),
        (Rule.SOME, 2, [False, False], Outcome.REJECTED),
    ],
)
def test_each_rule_by_example_with_three_people(
    rule: Rule, needed: int | None, votes: list[bool], expected: Outcome | None
) -> None:
    assert outcome(3, approvals_needed(rule, 3, needed), votes) == expected


@given(stages)
def test_it_is_decided_exactly_when_the_missing_votes_could_not_change_it(
    stage: tuple[int, int, list[bool]],
) -> None:
    asked, needed, votes = stage
    for cast in range(asked + 1):
        ends = {
            outcome(asked, needed, votes[:cast] + list(rest))
            for rest in product((True, False), repeat=asked - cast)
        }
        now = outcome(asked, needed, votes[:cast])
        assert (now is not None) == (len(ends) == 1)
        assert now is None or ends == {now}


@given(stages)
def test_when_everybody_voted_the_number_of_approvals_decides(stage: tuple[int, int, list[bool]]) -> None:
    asked, needed, votes = stage
    is_approved = votes.count(True) >= needed
    assert outcome(asked, needed, votes) == (Outcome.APPROVED if is_approved else Outcome.REJECTED)
