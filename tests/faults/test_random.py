"""Everything at once: seeds that broke a promise once, and one that keeps the others company."""

from __future__ import annotations

import pytest

from tests.faults.matrix.random_faults import break_at_random

pytestmark = [pytest.mark.process, pytest.mark.faults]

SEEDS = (1,)
WORK_S = 8.0


@pytest.mark.parametrize("seed", SEEDS)
def test_f58_while_three_people_work_and_everything_breaks_no_promise_is_broken(running_desk, seed):
    story = break_at_random(running_desk, seed, WORK_S)
    assert not story.findings, f"{story.words}; make faults SEED={seed}"
