"""SQLite is held by another writer: pages are still read, a form is not lost, mail goes afterwards."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.faults.desk import PAGE_S, QUICK, Desk, copies, number_of, require_once
from tests.faults.visitor import Answer
from tests.support.patience import at_most
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults]

NEW_TICKET = "/records/ticket/new"
STORY = "It began on Monday.\nSince then nothing prints, and the lamp is red."
WEB_WAITS_S = 5
LEASE_S = float(QUICK["LEASE_SECONDS"])


@contextmanager
def locked(desk: Desk) -> Iterator[None]:
    """Hold the only lock of writers, as a backup tool or somebody's console does."""
    other = sqlite3.connect(desk.program.instance / "vestnik.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def desk_on_sqlite(desk: Desk) -> Desk:
    if "DATABASE_URL" in desk.program.settings:
        pytest.skip("only SQLite has one lock for all writers")
    return desk


def test_f26_a_form_that_met_a_lock_is_kept_and_can_be_sent_again(desk_on_sqlite, sink):
    desk = desk_on_sqlite
    page = desk.alice.get(NEW_TICKET)
    form = page.form(NEW_TICKET)
    with ExitStack() as until_the_lock_ends:
        with desk.stopped("vestnik worker"):
            waiting = desk.register("Handled after the lock")
            desk.begin_work(waiting)
            until_the_lock_ends.enter_context(locked(desk))
        refused = desk.alice.submit(page, form, title="Typed in vain?", description=STORY)
        assert desk.alice.get("/records/ticket").seconds < at_most(PAGE_S)
        assert desk.bob.get(f"/records/{waiting}").seconds < at_most(PAGE_S)
    require_kept(refused)
    again = desk.alice.submit(refused, refused.form(NEW_TICKET))
    by_the_first_form = desk.alice.submit(page, form, title="Typed in vain?", description=STORY)
    assert number_of(again) == number_of(by_the_first_form), "the same form makes one ticket"
    assert "the lamp is red" in again.words
    desk.begin_work(number_of(again))
    desk.wait_until_sent(waiting, number_of(again))
    require_once(desk, sink, waiting)
    require_once(desk, sink, number_of(again))


@pytest.mark.parametrize("seconds", [1.0, 2 * LEASE_S])
def test_f26_an_answer_that_came_during_a_lock_is_written_after_it(desk_on_sqlite, sink, seconds):
    desk = desk_on_sqlite
    sink.script["dot", 1] = "slow=1"
    number = desk.register("Answered during a lock")
    wait_until(lambda: sink.visits["dot"], "the dot", 20)
    with locked(desk):
        time.sleep(1 + seconds)
    desk.begin_work(number)
    desk.wait_until_sent(number)
    for row in desk.deliveries(number):
        taken = copies(sink, row)
        assert 1 <= len(taken) <= 1 + row.ambiguous
        assert len(set(taken)) == 1


def require_kept(refused: Answer):
    assert refused.status == 503
    assert WEB_WAITS_S <= refused.seconds < WEB_WAITS_S + at_most(5)
    assert "Вестник сейчас не готов" in refused.words
    assert "То, что вы ввели, не потеряно" in refused.words
    assert "Typed in vain?" in refused.words
    assert "the lamp is red" in refused.words
