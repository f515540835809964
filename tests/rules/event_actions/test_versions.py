"""Every version of a text is kept, can be compared, and can be had again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.people.accounts.models import Account
from webapp.rules.event_actions import catalogue, services
from webapp.rules.event_actions.differences import between
from webapp.rules.event_actions.models import EventActionText
from webapp.rules.event_actions.services import TextConflict, UnsoundText
from webapp.rules.event_actions.wording import Wording, original

SignIn = Callable[[Account], PageClient]
CODE = "ticket.in_progress.requester"
PAGE = f"/settings/event-actions/{CODE}/texts/en"
VERSIONS = f"{PAGE}/versions"


@pytest.fixture
def browser(carol: Account, sign_in: SignIn) -> PageClient:
    carol.language = "en"
    db.session.commit()
    return sign_in(carol)


def save(browser: PageClient, **changes: str) -> None:
    values = form_values(browser.get(PAGE).select_one("#text-form"))
    browser.post(PAGE, {**values, **changes}, status=303)


def subjects() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(EventActionText.subject).order_by(EventActionText.version)))


def test_without_an_own_text_the_page_says_what_to_do(browser: PageClient) -> None:
    assert "There is no own text yet" in browser.get(VERSIONS).text


def test_versions_are_listed_with_who_and_what_differs(browser: PageClient) -> None:
    save(browser, subject="One {number}")
    save(browser, subject="Two {number}")
    page = browser.get(VERSIONS)
    assert [row.select_one("a").text for row in page.select("tbody tr")[:2]] == ["Version 2", "Version 1"]
    assert "Carol Volkova" in page.select_one("tbody tr").text
    assert "in use" in page.select_one("tbody tr").text
    page = browser.get(f"{VERSIONS}?of=2&with=1")
    assert [mark.text for mark in page.select(".text-difference del, .text-difference ins")] == ["One", "Two"]
    assert "They say the same." in browser.get(f"{VERSIONS}?of=0&with=0").text


def test_an_older_version_is_had_again(browser: PageClient) -> None:
    save(browser, subject="One")
    save(browser, subject="Two")
    browser.post(f"{PAGE}/restore", {"version": "1"}, status=303)
    assert subjects() == ["One", "Two", "One"]
    browser.post(f"{PAGE}/restore", {"version": "7"}, status=404)
    browser.post(f"{PAGE}/restore", {"version": "x"}, status=400)


def test_the_programs_own_words_are_had_again_and_the_mark_goes(browser: PageClient) -> None:
    save(browser, subject="One")
    browser.post(f"{PAGE}/restore", {"version": "0"}, status=303)
    assert "Own text" not in browser.get("/settings/event-actions").text
    assert "Work has started" in browser.get(PAGE).select_one("input[name=subject]")["value"]
    newest = db.session.scalars(select(EventActionText).order_by(EventActionText.version.desc())).first()
    assert newest.is_original
    page = browser.get(VERSIONS)
    assert page.select_one('input[name=version][value="0"]') is None
    browser.post(f"{PAGE}/restore", {"version": "1"}, status=303)
    assert "Own text" in browser.get("/settings/event-actions").text


def test_a_version_that_cannot_be_filled_any_more_opens_to_be_mended(browser: PageClient) -> None:
    columns = {**original(catalogue.row(CODE), "en").columns, "subject": "A {gone} thing"}
    db.session.add(EventActionText(code=CODE, language="en", version=1, **columns))
    db.session.commit()
    save(browser, subject="Two")
    browser.post(f"{PAGE}/restore", {"version": "1"}, status=303)
    page = browser.follow()
    assert page.select_one("input[name=subject]")["value"] == "A {gone} thing"
    assert subjects() == ["A {gone} thing", "Two"]


def test_a_service_refuses_what_pages_refuse(carol: Account) -> None:
    row = catalogue.row(CODE)
    wording = original(row, "en")
    for bad in ({"subject": "{gone}"}, {"lead": ""}):
        changed = Wording(**{**vars(wording), **bad})
        with pytest.raises(UnsoundText):
            services.write_text(row, "en", changed, based_on=0, actor=carol)
    with pytest.raises(TextConflict):
        services.write_text(row, "en", wording, based_on=3, actor=carol)


def test_a_difference_is_told_word_by_word() -> None:
    one = Wording("Ticket {number}", "It is closed", facts=("team",))
    other = Wording("Ticket {number}!", "It was closed", facts=("team", "actor"))
    found = {
        each.part: [(piece.kind, piece.words) for piece in each.pieces] for each in between(one, other, "en")
    }
    assert found["subject"] == [("", "Ticket {number}"), ("ins", "!")]
    assert found["lead"] == [("", "It "), ("del", "is"), ("ins", "was"), ("", " closed")]
    assert found["facts"] == [("", "Team"), ("ins", ", Changed by")]
