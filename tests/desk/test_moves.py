"""Statuses move only as the written table says, and only by those whom it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.desk.making import make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.record_templates.loader import BUILTIN
from webapp.desk.record_templates.template_files import read_template
from webapp.desk.records import permissions, services
from webapp.desk.records.models import Comment, Record
from webapp.events.models import Event
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
TICKET = read_template(BUILTIN / "ticket.toml")
STATUSES = [status.system_name for status in TICKET.statuses]
TABLE = {(move.from_status, move.to_status): move for move in TICKET.moves}


def put(ticket: Record, status: str) -> None:
    ticket.status = ticket.template.status(status)
    db.session.commit()


@pytest.mark.parametrize("start", STATUSES)
def test_each_role_has_the_moves_of_the_table(
    start: str, alice: Account, bob: Account, carol: Account
) -> None:
    ticket = make_ticket(alice)
    put(ticket, start)
    for account, roles in (
        (alice, {"author", "requester"}),
        (bob, {"staff"}),
        (carol, {"staff", "technologist"}),
    ):
        expected = {
            goal for (begin, goal), move in TABLE.items() if begin == start and roles & set(move.roles)
        }
        assert {move.to_status.system_name for move in permissions.allowed_moves(ticket, account)} == expected


@pytest.mark.parametrize("start", STATUSES)
def test_a_move_happens_if_and_only_if_the_table_has_it(start: str, alice: Account, bob: Account) -> None:
    ticket = make_ticket(alice)
    put(ticket, start)
    for goal in STATUSES:
        if (start, goal) in TABLE:
            services.change_status(ticket, goal, actor=bob, comment="because")
            assert ticket["status"] == goal
        else:
            with pytest.raises(services.InvalidMove):
                services.change_status(ticket, goal, actor=bob, comment="because")
        db.session.rollback()


def test_every_status_can_be_reached_and_left() -> None:
    reached = {"new"}
    for _round in STATUSES:
        reached |= {goal for start, goal in TABLE if start in reached}
    assert reached == set(STATUSES)
    assert {start for start, _goal in TABLE} == set(STATUSES)


def test_the_requester_confirms_returns_withdraws_and_answers(
    alice: Account, bob: Account, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(alice)
    address = f"/records/{ticket.id}/status"
    for start, goal, comment in (
        ("info_needed", "resumed", "It is the red one"),
        ("resolved", "in_progress", "It still burns"),
        ("resolved", "closed", ""),
        ("new", "cancelled", ""),
    ):
        put(ticket, start)
        browser.post(address, {"status": goal, "comment": comment})
        db.session.expire_all()
        assert ticket["status"] == goal
    put(ticket, "new")
    browser.post(address, {"status": "in_progress"}, status=422)
    db.session.expire_all()
    assert ticket["status"] == "new"


def test_a_move_that_must_be_explained_keeps_the_comment_in_the_same_event(
    alice, bob, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    page = browser.post(
        f"/records/{ticket.id}/status", {"status": "info_needed", "comment": "  "}, status=422
    )
    assert page.select_one("details[open] .field-error")
    browser.post(f"/records/{ticket.id}/status", {"status": "info_needed", "comment": "Which printer?"})
    event = db.session.scalar(select(Event).order_by(Event.id.desc()).limit(1))
    comment = db.session.scalar(select(Comment))
    assert event.kind == "record.changed"
    assert event.changes == {"status": {"before": "new", "after": "info_needed"}}
    assert event.data == {"template": "ticket", "comment": {"id": comment.id, "is_internal": False}}
    assert "Which printer?" in browser.follow().get_text()


def test_two_agents_move_at_once_and_the_second_is_told(
    alice: Account, bob: Account, carol, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    sign_in(carol).post(f"/records/{ticket.id}/status", {"status": "cancelled"})
    browser = sign_in(bob)
    page = browser.post(f"/records/{ticket.id}/status", {"status": "in_progress"}, status=422)
    assert page.select_one("#status-panel [role=alert]")


def test_a_status_that_is_none_is_refused(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    for status in ("", "nonsense", "new", "x" * 3000, "\0"):
        browser.post(f"/records/{ticket.id}/status", {"status": status}, status=422)
