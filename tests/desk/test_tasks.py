"""Tasks: made by staff, for a ticket or alone; who sees them, their deadline, their moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.making import make_record, make_ticket
from tests.support.background import StoppedClock
from tests.support.pages import PageClient
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.records import permissions, services
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]


@pytest.fixture
def task(alice: Account, bob: Account, carol: Account) -> Record:
    """Carol's task for Bob, under Alice's ticket."""
    ticket = make_ticket(alice, "The tap drips")
    return make_record("task", carol, title="Buy a washer", ticket=ticket.id, assignee=bob.id)


def test_staff_make_a_task_on_the_card_of_its_ticket(
    alice: Account, bob: Account, first_line: Team, clock: StoppedClock, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice, "The tap drips")
    browser = sign_in(bob)
    address = browser.get(f"/records/{ticket.id}").select_one("#children-task a.btn")["href"]
    typed = {
        "title": "Buy a washer",
        "assignee": str(bob.id),
        "team": str(first_line.id),
        "deadline": "2026-11-23T18:00",
    }
    browser.submit(address, "form[action$='/new']", typed)
    card = browser.follow()
    record = db.session.scalar(select(Record).where(Record.title == "Buy a washer"))
    assert record is not None
    assert (record.parent_id, record.assignee_id, record.team_id) == (ticket.id, bob.id, first_line.id)
    assert "23 November 2026, 18:00" in card.text
    row = browser.get(f"/records/{ticket.id}").select_one("#children-task tbody tr")
    for words in ("Buy a washer", "New", "Bob Miller", "in 2 days"):
        assert words in " ".join(row.text.split())
    assert row.select_one("time")["title"].startswith("23 November 2026, 18:00")


def test_a_task_may_stand_alone(bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    browser.submit("/records/task/new", "form[action$='/new']", {"title": "Tidy up"})
    assert browser.follow().select_one("h1").text == "Tidy up"
    assert "Tidy up" in browser.get("/records/task").select_one("#record-list").text


@pytest.mark.parametrize("late", ["2026-11-21T08:59", "2020-01-01T00:00", "21.11.2026 08:59"])
def test_a_deadline_that_is_over_is_refused_for_a_new_task_and_nothing_is_lost(
    bob: Account, clock: StoppedClock, sign_in: SignIn, late: str
) -> None:
    browser = sign_in(bob)  # in London it is nine o'clock
    page = browser.post("/records/task/new", {"title": "Buy a washer", "deadline": late}, status=422)
    assert "still to come" in page.select_one("#field-deadline-error").text
    assert page.select_one("#field-deadline")["value"] == late
    assert page.select_one("#field-title")["value"] == "Buy a washer"
    browser.post("/records/task/new", {"title": "Buy a washer", "deadline": "2026-11-21T09:01"})


def test_a_task_that_is_overdue_can_still_be_edited(
    bob: Account, clock: StoppedClock, sign_in: SignIn
) -> None:
    task = make_record("task", bob, title="Buy a washer", deadline=now() + timedelta(hours=1))
    clock.move(hours=2)
    sign_in(bob).submit(f"/records/{task.id}/edit", "form[action$='/edit']", {"title": "Buy two washers"})
    db.session.expire_all()
    assert task.title == "Buy two washers"


def test_only_people_with_a_part_and_staff_see_a_task(
    task: Record, alice: Account, mallory: Account, carol: Account, first_line: Team, sign_in: SignIn
) -> None:
    for stranger in (alice, mallory):
        sign_in(stranger).get(f"/records/{task.id}", status=404)
    assert sign_in(alice).get(f"/records/{task.parent_id}").select_one("#children-task") is None
    first_line.members.append(mallory)
    db.session.commit()
    services.assign(task, assignee=None, team=first_line, actor=carol)
    services.subscribe(task, alice, actor=carol)
    db.session.commit()
    for sharer in (alice, mallory, carol):
        sign_in(sharer).get(f"/records/{task.id}")
    assert (
        "Buy a washer" in sign_in(alice).get(f"/records/{task.parent_id}").select_one("#children-task").text
    )


def test_nobody_but_staff_makes_or_edits_tasks(task: Record, alice: Account, sign_in: SignIn) -> None:
    services.subscribe(task, alice, actor=alice)
    db.session.commit()
    browser = sign_in(alice)
    browser.get("/records/task/new", status=403)
    browser.post("/records/task/new", {"title": "Do my work"}, status=403)
    browser.get(f"/records/{task.id}/edit", status=403)
    browser.post(f"/records/{task.id}/edit", {"title": "Do my work"}, status=403)


def test_moves_belong_to_who_works_on_the_task_and_to_its_author(
    task: Record, alice: Account, bob: Account, carol: Account, first_line: Team
) -> None:
    def moves(account: Account) -> list[str]:
        return [move.to_status.system_name for move in permissions.allowed_moves(task, account)]

    services.subscribe(task, alice, actor=alice)
    assert moves(alice) == []
    assert moves(bob) == ["in_progress", "done", "cancelled"]
    first_line.members.append(alice)
    services.assign(task, assignee=None, team=first_line, actor=carol)
    db.session.commit()
    assert moves(alice) == ["in_progress", "done"]
    services.change_status(task, "done", actor=alice)
    db.session.commit()
    assert moves(alice) == []
    with pytest.raises(services.CommentNeeded):
        services.change_status(task, "in_progress", actor=carol)


def test_the_list_filters_and_sorts_by_deadline_and_ticket(
    task: Record, bob: Account, sign_in: SignIn
) -> None:
    later = make_record("task", bob, title="Paint the wall", deadline=now() + timedelta(days=9))
    make_record("task", bob, title="Dry the floor", deadline=now() + timedelta(days=1))
    browser = sign_in(bob)
    listed = [row.text.strip() for row in browser.get("/records/task?sort=deadline").select("td.cell-main")]
    assert listed == ["Buy a washer", "Dry the floor", later.title]
    of_ticket = browser.get(f"/records/task?ticket={task.parent_id}").select("td.cell-main")
    assert [row.text.strip() for row in of_ticket] == ["Buy a washer"]
    assert browser.get("/").select_one(".side a[href^='/records/task']")
