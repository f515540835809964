"""The card: only what changed comes back, and nobody overwrites an assignment that they have not seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.desk.making import make_ticket
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account, Team

SignIn = Callable[[Account], PageClient]
HTMX = {"HX-Request": "true"}
ALWAYS = {"facts", "comment-count"}
AUDIENCES = {"audience-public", "audience-internal"}


def pieces(page: Any) -> set[str]:
    return {tag["id"] for tag in page.select("[hx-swap-oob]")} - {"toasts"}


def assignment(browser: PageClient, record: Record) -> dict[str, Any]:
    return form_values(browser.get(f"/records/{record.id}").select_one("form[action$='/assignment']"))


@pytest.mark.parametrize(
    ("deed", "form", "changed"),
    [
        ("status", {"status": "in_progress"}, {"status-panel", "comments", *AUDIENCES}),
        ("assignment", {"assignee": ""}, {"people-panel", "observers", *AUDIENCES}),
        ("subscription", {}, {"observers", *AUDIENCES}),
        ("subscription/end", {}, {"observers", *AUDIENCES}),
        ("comments", {"body": "Hello", "audience": "public"}, {"comments", "comment-form", *AUDIENCES}),
    ],
)
def test_with_htmx_no_form_comes_back_but_the_one_that_was_sent(
    deed: str, form: dict[str, str], changed: set[str], alice: Account, bob: Account, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    page = sign_in(bob).post(f"/records/{ticket.id}/{deed}", form, status=200, headers=HTMX)
    assert not page.select("html")
    there = {tag["id"] for tag in page.select("section, form, div, span") if tag.has_attr("id")}
    assert (
        there
        & {"status-panel", "people-panel", "observers", "thread", "comments", "comment-form", *AUDIENCES}
        == changed
    )
    assert pieces(page) >= ALWAYS


def test_a_refused_form_alone_comes_back(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    for deed, form, piece in (
        ("status", {"status": "new"}, "status-panel"),
        ("comments", {"body": "", "audience": "public"}, "comment-form"),
        ("assignment", {"assignee": "999"}, "people-panel"),
    ):
        page = browser.post(f"/records/{ticket.id}/{deed}", form, status=422, headers=HTMX)
        assert pieces(page) == {piece}


def test_moves_that_depend_on_a_part_follow_it(alice: Account, bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(bob, requester=bob.id)
    services.subscribe(ticket, alice, actor=bob)
    move = next(each for each in ticket.template.moves if each.from_status_id == ticket.status_id)
    kept, move.roles = move.roles, ["observer"]
    db.session.commit()
    try:
        browser = sign_in(bob)
        assert "status-panel" in pieces(
            browser.post(f"/records/{ticket.id}/subscription", {}, status=200, headers=HTMX)
        )
    finally:
        move.roles = kept
        db.session.commit()


def test_who_is_not_staff_is_not_told_who_reads_internal_comments(alice: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    page = sign_in(alice).post(f"/records/{ticket.id}/subscription", {}, status=200, headers=HTMX)
    assert "audience-public" in pieces(page)
    assert "audience-internal" not in pieces(page)


def test_an_assignment_changes_only_what_was_chosen_in_it(
    alice: Account, bob: Account, carol: Account, first_line: Team, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    form = assignment(browser, ticket)
    services.assign(ticket, assignee=None, team=first_line, actor=carol)
    db.session.commit()
    browser.post(f"/records/{ticket.id}/assignment", {**form, "assignee": str(bob.id)})
    db.session.expire_all()
    assert (ticket.assignee_id, ticket.team_id) == (bob.id, first_line.id)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_assignment_that_somebody_else_changed_meanwhile_is_shown_first(
    headers: dict[str, str], alice: Account, bob: Account, carol: Account, first_line: Team, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    form = {**assignment(browser, ticket), "assignee": str(bob.id)}
    services.assign(ticket, assignee=carol, team=first_line, actor=carol)
    db.session.commit()
    address = f"/records/{ticket.id}/assignment"
    page = browser.post(address, form, status=409, headers=headers)
    assert "Carol Volkova" in page.select_one("#people-panel .field-error").text
    db.session.expire_all()
    assert ticket.assignee_id == carol.id
    again = form_values(page.select_one("form[action$='/assignment']"))
    assert (again["assignee"], again["team"]) == (str(bob.id), str(first_line.id))
    browser.post(address, again)
    db.session.expire_all()
    assert (ticket.assignee_id, ticket.team_id) == (bob.id, first_line.id)


def test_two_who_choose_the_same_assignee_have_no_conflict(alice, bob, carol, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    form = {**assignment(browser, ticket), "assignee": str(bob.id)}
    services.assign(ticket, assignee=bob, team=None, actor=carol)
    db.session.commit()
    browser.post(f"/records/{ticket.id}/assignment", form)


def test_broken_hidden_fields_of_an_assignment_harm_nothing(alice, bob, carol, sign_in: SignIn) -> None:
    ticket = make_ticket(alice, assignee=carol.id)
    browser = sign_in(bob)
    form = assignment(browser, ticket)
    address, bobs_id = f"/records/{ticket.id}/assignment", str(bob.id)
    db.session.commit()
    for text in ("x", "-1", "9" * 40, "٣", "999999", "\0"):
        for chosen in ("", bobs_id, text):
            sent = {**form, "assignee": chosen, "assignee_shown": text}
            answer = browser.client.post(address, data=sent)
            assert answer.status_code in {303, 409, 422}, (text, chosen)
    db.session.expire_all()
    assert ticket.assignee_id == carol.id
