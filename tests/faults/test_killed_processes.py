"""Processes killed with -9 in the middle of their work: what was accepted is done later, and done once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.desk import STATUS_RULE, Desk, copies, number_of, require_once

pytestmark = [pytest.mark.process, pytest.mark.faults, pytest.mark.xdist_group("faults")]

NEW_TICKET = "/records/ticket/new"
RULES = ["ticket.registered.requester", STATUS_RULE]


def kill_mailer(desk: Desk, point: str, title: str) -> int:
    """Let the only mailer that works die at the point with a ticket's mail in hand; return its number."""
    with desk.stopped("vestnik mailer"), desk.another("mailer", f"{point}:1:kill") as mailer:
        number = desk.register(title)
        desk.begin_work(number)
        mailer.wait_until_killed()
        assert "sending" in desk.states(number)
    return number


def test_mail_of_a_mailer_killed_before_the_dot_is_sent_once_by_another(desk, sink):
    number = kill_mailer(desk, "before_dot", "Mailer killed before the dot")
    assert not sink.ledger
    desk.wait_until_sent(number)
    require_once(desk, sink, number)
    assert not any(row.ambiguous for row in desk.deliveries(number))


def test_mail_of_a_mailer_killed_after_the_dot_is_repeated_by_the_very_same_mail(desk, sink):
    number = kill_mailer(desk, "after_dot", "Mailer killed after the dot")
    desk.wait_until_sent(number)
    rows = desk.deliveries(number)
    taken = [copies(sink, row) for row in rows]
    assert sorted(row.ambiguous for row in rows) == [0, 1]
    assert all(1 <= len(raws) <= 1 + row.ambiguous for row, raws in zip(rows, taken, strict=True))
    assert all(len(set(raws)) == 1 for raws in taken), "every copy is the very same mail"


def test_an_event_whose_workers_were_killed_one_after_the_other_is_handled_by_the_third(desk, sink):
    with desk.stopped("vestnik worker"):
        number = desk.register("Workers killed in the middle of an event")
        desk.begin_work(number)
        for point in ("dispatch.read", "dispatch.written"):
            with desk.another("worker", f"{point}:1:kill") as worker:
                worker.wait_until_killed()
            assert not desk.deliveries(number), "it was killed before it could commit"
    desk.wait_until_sent(number)
    assert sorted(row.rule for row in desk.deliveries(number)) == sorted(RULES)
    require_once(desk, sink, number)


def test_messages_that_nobody_rang_for_are_sent_all_the_same(desk, sink):
    with desk.stopped("vestnik worker"), desk.another("worker", "before_ring:1:kill") as worker:
        number = desk.register("Worker killed before it rang")
        worker.wait_until_killed()
        assert desk.deliveries(number)
    desk.wait_until_sent(number, rule=RULES[0])
    assert [len(copies(sink, row)) for row in desk.deliveries(number)] == [1]


@pytest.mark.parametrize("point", ["before_ring", "before_answer"])
def test_a_form_sent_again_after_the_web_was_killed_makes_no_second_ticket(desk, sink, point):
    title = f"Web killed at {point}"
    page = desk.alice.get(NEW_TICKET)
    form = page.form(NEW_TICKET)
    with desk.another("web", f"{point}:1:kill") as web:
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
