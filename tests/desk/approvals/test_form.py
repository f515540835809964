"""The form that asks for an approval: its rows of stages with and without JavaScript, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from tests.desk.approvals.making import make_inactive_account, stages_of
from tests.desk.making import make_ticket
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.approvals.models import Approver
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
NEW = "/records/approval/new"
FORM = f"form[action='{NEW}']"


def errors(page: BeautifulSoup, field_id: str) -> str:
    found = page.select_one(f"#{field_id}-error")
    return found.text.strip() if found else ""


def send(browser: PageClient, status: int = 302, **typed: Any) -> BeautifulSoup:
    filled = {"title": "Buy a screen", "stages-1-approvers": "carol@example.com", "stages-1-rule": "all"}
    return browser.post(NEW, {**filled, **{k.replace("__", "-"): v for k, v in typed.items()}}, status=status)


def made(browser: PageClient) -> Record:
    assert browser.response
    approval = db.session.get(Record, int(browser.response.headers["Location"].rpartition("/")[2]))
    assert approval
    return approval


def test_staff_ask_for_an_approval_of_a_ticket_in_two_stages(bob, carol, alice, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(bob)
    card = browser.get(f"/records/{ticket.id}")
    link = card.select_one(f"#children-approval a[href^='{NEW}']")
    assert link
    assert link.text.strip() == "Request approval"
    page = browser.get(link["href"])
    typed = {**form_values(page.select_one(FORM)), "title": "Buy a screen", "deadline": "2999-01-01T10:00"}
    typed |= {"stages-1-approvers": f"{carol.email}; Alice Smirnova <{alice.email}>"}
    page = browser.post(
        NEW, {**typed, "stages-1-rule": "some", "stages-1-needed": "1", "add": "1"}, status=200
    )
    typed = form_values(page.select_one(FORM))
    assert typed["stages-1-rule"] == "some"
    browser.post(NEW, {**typed, "stages-2-approvers": "Alice Smir"})
    approval = made(browser)
    assert (approval.parent_id, approval.author_id) == (ticket.id, bob.id)
    first, second = stages_of(approval)
    assert {each.account_id for each in first.approvers} == {carol.id, alice.id}
    assert (first.rule, first.needed) == ("some", 1)
    assert [each.account_id for each in second.approvers] == [alice.id]
    card = browser.get(f"/records/{ticket.id}")
    assert "Buy a screen" in card.select_one("#children-approval").text


def test_stages_are_added_and_taken_away_and_nothing_typed_is_lost(bob, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    typed = {"title": "Screen", "description": "Big", "deadline": "no moment"}
    typed |= {f"stages-{n}-approvers": f"person {n}" for n in (1, 2, 3)}
    page = browser.post(NEW, {**typed, "remove": "2"}, status=200)
    values = form_values(page.select_one(FORM))
    assert [values[f"stages-{n}-approvers"] for n in (1, 2)] == ["person 1", "person 3"]
    assert "stages-3-approvers" not in values
    assert (values["title"], values["description"].strip()) == ("Screen", "Big")
    assert not page.select(".field-error")
    piece = browser.post(NEW, {**typed, "add": "1"}, status=200, headers={"HX-Request": "true"})
    assert piece.select_one("#stage-rows")
    assert not piece.select_one("html")
    assert form_values(piece)["stages-4-approvers"] == ""


@pytest.mark.parametrize("number", ["-1", "0", "1e9", "99", "", "x" * 5000])
def test_a_row_that_is_not_there_cannot_be_taken_away(number: str, bob, sign_in: SignIn) -> None:
    page = sign_in(bob).post(NEW, {"stages-1-approvers": "a", "remove": number}, status=200)
    assert form_values(page.select_one(FORM))["stages-1-approvers"] == "a"


@pytest.mark.parametrize("needed", ["", "0", "-1", "3", "1e9", "9" * 3000, "two", "1.5", "٢"])
def test_an_impossible_number_is_refused_beside_its_field(
    needed: str, bob, carol, alice, sign_in: SignIn
) -> None:
    both = f"{carol.email}; {alice.email}"
    page = send(
        sign_in(bob), 422, stages__1__approvers=both, stages__1__rule="some", stages__1__needed=needed
    )
    assert errors(page, "stages-1-needed")
    assert page.select_one("#stages-1-needed")["value"] == needed
    assert "Stage 1" in page.select_one("[role=alert]").text


def test_people_who_cannot_be_asked_are_refused_beside_their_field(
    bob, carol, alice, sign_in: SignIn
) -> None:
    gone = make_inactive_account("Gone Person")
    browser = sign_in(bob)
    for typed, words in (
        ("", "Fill this in"),
        (";;", "Fill this in"),
        ("nobody@example.org", "nobody called"),
        ("a" * 5000, "nobody called"),
        ("%", "nobody called"),
        (gone.email, "nothing like this"),
        (bob.email, "cannot approve it"),
        ("; ".join(f"p{n}@example.com" for n in range(10_000)), "at most 50"),
    ):
        page = send(browser, 422, stages__1__approvers=typed)
        assert words in errors(page, "stages-1-approvers"), typed[:50]
        assert page.select_one("#stages-1-approvers")["value"] == typed
    assert db.session.scalar(select(func.count()).select_from(Approver)) == 0


def test_somebody_named_twice_is_asked_once(bob, carol, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    send(browser, stages__1__approvers=f"{carol.email}; {carol.name} <{carol.email.upper()}>;")
    assert [each.account_id for each in stages_of(made(browser))[0].approvers] == [carol.id]


def test_too_many_stages_are_refused_and_shown(bob, carol, sign_in: SignIn) -> None:
    rows = {f"stages__{n}__approvers": carol.email for n in range(1, 500)}
    page = send(sign_in(bob), 422, **rows)
    assert "from 1 to 10 stages" in page.select_one("[role=alert]").text
    assert len(page.select(".stage-row")) == 11


@pytest.mark.parametrize("text", ["2020-01-01T10:00", "0001-01-01T00:00", "9999-12-31T00:00", "soon", "-1"])
def test_a_deadline_that_has_passed_or_is_none_is_refused(text: str, bob, carol, sign_in: SignIn) -> None:
    page = send(sign_in(bob), 422, deadline=text)
    assert errors(page, "field-deadline")
    assert page.select_one("#field-deadline")["value"] == text


@pytest.mark.parametrize("rule", ["", "most", "ALL", "1"])
def test_a_rule_that_is_none_is_refused(rule: str, bob, carol, sign_in: SignIn) -> None:
    assert errors(send(sign_in(bob), 422, stages__1__rule=rule), "stages-1-rule")


def test_a_ticket_that_is_none_or_another_template_is_refused(bob, carol, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    send(browser)
    approval = made(browser)
    for number in (str(approval.id), "999999", "-1", "' OR 1=1 --"):
        assert errors(send(browser, 422, ticket=number), "field-ticket"), number


def test_one_form_sent_twice_makes_one_approval(bob, carol, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    for _ in range(2):
        send(browser, _nonce="n" * 30)
    assert db.session.scalar(select(func.count(Record.id))) == 1


def test_people_are_offered_as_whole_lines(bob, carol, alice, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    page = browser.get(
        "/approvals/people", check=False, query_string={"stages-1-approvers": f"{carol.email}; ali"}
    )
    offered = [option["value"] for option in page.select("option")]
    assert offered == [f"{carol.email}; Alice Smirnova <{alice.email}>"]
