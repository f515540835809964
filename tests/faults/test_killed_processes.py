"""The real processes killed in the middle of their work: what was accepted is done, and done once."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.desk import Desk, copies, number_of, require_once
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults]

NEW_TICKET = "/records/ticket/new"
STOPS_WITHIN_S = 20.0


def children_of(number: int) -> list[int]:
    files = Path(f"/proc/{number}/task").glob("*/children")
    return [int(word) for file in files for word in file.read_text(encoding="ascii").split()]


def test_f14_a_killed_mailer_leaves_nobody_who_goes_on_and_its_mail_is_repeated_as_it_was(desk, sink):
    with desk.stopped("vestnik mailer"), desk.another("mailer", "after_dot:1:kill") as mailer:
        number = desk.register("Mailer killed after the dot")
        desk.begin_work(number)
        wait_until(lambda: sink.visits["greeting"] or mailer.process.poll(), "a session", 30)
        assert children_of(mailer.process.pid) == []
        mailer.wait_until_killed()
        assert "sending" in desk.states(number)
    desk.wait_until_sent(number)
    rows = desk.deliveries(number)
    taken = [copies(sink, row) for row in rows]
    assert sorted(row.ambiguous for row in rows) == [0, 1]
    assert all(1 <= len(raws) <= 1 + row.ambiguous for row, raws in zip(rows, taken, strict=True))
    assert all(len(set(raws)) == 1 for raws in taken), "every copy is the very same mail"


@pytest.mark.parametrize(
    "signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]], ids=["term", "int twice"]
)
def test_f17_a_mailer_that_is_asked_to_stop_finishes_the_mail_at_hand(desk, sink, signals):
    sink.script["dot", 1] = "slow=1.5"
    with desk.stopped("vestnik mailer"), desk.another("mailer", "") as mailer:
        number = desk.register("Mailer asked to stop")
        desk.begin_work(number)
        wait_until(lambda: sink.visits["dot"], "the dot", 30)
        for one in signals:
            mailer.process.send_signal(one)
        assert mailer.process.wait(STOPS_WITHIN_S) == 0
        assert "sending" not in desk.states(number)
        assert len(sink.ledger) == 1, "it began no other"
    desk.wait_until_sent(number)
    require_once(desk, sink, number)


def test_f18_a_form_sent_again_after_the_web_was_killed_makes_no_second_ticket(desk, sink):
    title = "Web killed before its answer"
    page = desk.alice.get(NEW_TICKET)
    form = page.form(NEW_TICKET)
    with desk.another("web", "before_answer:1:kill") as web:
        web.wait_until_it_listens()
        elsewhere = replace(page, address=web.address)
        with pytest.raises(OSError, match=r"closed connection|reset"):
            desk.alice.submit(elsewhere, form, title=title)
    assert len(tickets(desk, title)) == 1, "it was committed"
    answer = desk.alice.submit(page, form, title=title)
    assert [number_of(answer)] == tickets(desk, title)
    desk.begin_work(number_of(answer))
    desk.wait_until_sent(number_of(answer))
    require_once(desk, sink, number_of(answer))


def tickets(desk: Desk, title: str) -> list[int]:
    return [row.id for row in desk.ask("SELECT id FROM record WHERE title = :title", title=title)]
