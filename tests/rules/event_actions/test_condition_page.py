"""The page of a row's condition: what is refused stays on it, with its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.desk.making import make_ticket
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.accounts.models import Account
from webapp.rules.event_actions.models import EventActionCondition

SignIn = Callable[[Account], PageClient]
CODE = "ticket.assigned.assignee"
ROW = f"/settings/event-actions/{CODE}"
PAGE = f"{ROW}/condition"


@pytest.fixture
def browser(carol: Account, sign_in: SignIn) -> PageClient:
    carol.language = "en"
    db.session.commit()
    return sign_in(carol)


def stored() -> str | None:
    db.session.rollback()
    found = db.session.get(EventActionCondition, CODE)
    return found.formula if found else None


def test_a_condition_is_saved_and_shown(browser: PageClient, alice: Account) -> None:
    make_ticket(alice, "Нет сети", priority="1")
    assert "Нет сети" in str(browser.get(PAGE).select_one("input[name=record]"))
    browser.post(PAGE, {"text": ' $priority == "1" ', "record": ""}, status=303)

    assert stored() == '$priority == "1"'
    assert '$priority == "1"' in browser.get(ROW).text
    assert browser.get("/settings/event-actions").select_one(f'[id^="row-"] a[href="{ROW}"]') is not None
    assert "Condition" in browser.get("/settings/event-actions").text
    assert browser.get(PAGE).select_one("textarea[name=text]").text.strip() == '$priority == "1"'


def test_a_condition_is_taken_away_by_an_empty_text(browser: PageClient) -> None:
    browser.post(PAGE, {"text": "true", "record": ""}, status=303)
    browser.post(PAGE, {"text": " ", "record": ""}, status=303)

    assert stored() is None
    assert "It speaks of every record." in browser.get(ROW).text


def test_what_is_refused_stays_with_its_place(browser: PageClient) -> None:
    page = browser.post(PAGE, {"text": '$priority ==\n  "1" &&', "record": ""}, status=422)

    assert page.select_one("textarea[name=text]").text.strip() == '$priority ==\n  "1" &&'
    assert "Line 2, column 9: The formula ends too early" in page.select_one(".field-error").text
    assert page.select_one("#answer")["data-error-line"] == "2"
    assert stored() is None


def test_a_record_that_is_not_there_is_said_and_nothing_stored(browser: PageClient) -> None:
    page = browser.post(PAGE, {"text": "true", "record": "999999"}, status=422)

    assert "There is no such record" in page.text
    assert stored() is None


def test_a_condition_that_lost_its_attribute_is_marked(browser: PageClient) -> None:
    db.session.add(EventActionCondition(code=CODE, formula="$gone == 1"))
    db.session.commit()

    assert "cannot be evaluated any more" in browser.get(ROW).text


def test_the_journal_says_what_was_changed(browser: PageClient) -> None:
    browser.post(PAGE, {"text": "false", "record": ""}, status=303)

    event_id = db.session.scalar(select(func.max(Event.id)))
    page = browser.get(f"/journals/events/{event_id}")
    assert "Ticket assigned (to the assignee): Condition" in page.text


@pytest.mark.parametrize("code", ["ticket.nothing", "account.password_link"])
def test_rows_that_are_not_on_the_page_have_no_condition(browser: PageClient, code: str) -> None:
    browser.get(f"/settings/event-actions/{code}/condition", status=404)
