"""Workers killed while timers are due: what was due is told, and told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, text

from tests.faults.desk import Desk
from webapp.core.columns import UtcDateTime
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults]

MOMENT = bindparam("at", type_=UtcDateTime())
IS_DUE = (
    "UPDATE deadline SET due_at = :at, is_named = :yes WHERE record_id = :number AND name = 'resolution'",
    "UPDATE timer SET fire_at = :at WHERE owner_id = :number AND kind = 'deadline:resolution'",
)


def make_due(desk: Desk, number: int) -> None:
    """Let the ticket's deadline be over, as if its hours had passed."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    with desk._engine.begin() as connection:
        for statement in IS_DUE:
            values = {"at": at, "number": number} | ({"yes": True} if ":yes" in statement else {})
            connection.execute(text(statement).bindparams(MOMENT), values)


def escalated(desk: Desk, number: int) -> int:
    found = desk.ask(
        "SELECT id FROM event WHERE kind = 'record.escalated' AND subject_id = :number", number=number
    )
    return len(found)


@pytest.mark.parametrize("failpoint", ["timers.announced", "timers.before_commit"])
def test_f19_a_worker_killed_while_it_fires_leaves_all_or_nothing(desk: Desk, failpoint: str) -> None:
    number = desk.register(f"Killed at {failpoint}")
    desk.wait_until_quiet()
    with desk.stopped("vestnik worker"), desk.another("worker", f"{failpoint}:1:kill") as worker:
        make_due(desk, number)
        worker.wait_until_killed()
        assert escalated(desk, number) == 0
    wait_until(lambda: escalated(desk, number), "the escalation", 60)
    desk.wait_until_quiet()
    assert escalated(desk, number) == 1


def test_f20_three_clocks_and_workers_tell_once(desk: Desk) -> None:
    numbers = [desk.register(f"Due at once {place}") for place in range(6)]
    desk.wait_until_quiet()
    with desk.another("clock", ""), desk.another("clock", ""), desk.another("worker", ""):
        for number in numbers:
            make_due(desk, number)
        wait_until(lambda: all(escalated(desk, number) for number in numbers), "the escalations", 60)
        desk.wait_until_quiet()
    assert [escalated(desk, number) for number in numbers] == [1] * len(numbers)
