"""Hostile words in the texts that technologists write: refused beside their field, or mere words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.attacks.cases import ALL, Case
from tests.attacks.forms import send
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.people.accounts.models import Account
from webapp.rules.event_actions.models import EventActionText

PAGE = "/settings/event-actions/ticket.status.requester/texts/en"
#: What the layout of mails itself is made of.
USUAL = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "div",
    "table",
    "tr",
    "td",
    "a",
    "strong",
    "p",
    "br",
}
#: Placeholders that no value fills; a message with them must not be saved.
UNFILLED = {"T01", "T04", "T05", "T12", "T13", "T16", "T22", "T23", "T24", "T25", "T26"}


@pytest.fixture
def browser(carol: Account, sign_in: Callable[[Account], PageClient]) -> PageClient:
    carol.language = "en"
    db.session.commit()
    return sign_in(carol)


def write(browser: PageClient, text: str, where: str) -> TestResponse:
    """Send the form with the text in every part that is shown as the whole."""
    values = {**form_values(browser.get(PAGE).select_one("#text-form")), "csrf_token": browser.csrf_token()}
    typed = dict.fromkeys(("subject", "lead", "body", "action", "push_title", "push_body"), text)
    return send(browser.client, "POST", where, {**values, **typed})


def versions() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(EventActionText)) or 0


def test_a_hostile_text_of_a_technologist_is_refused_or_stands_as_it_is(browser: PageClient) -> None:
    wrong = []
    for case in ALL:
        before, answer = versions(), write(browser, case.text, PAGE)
        if answer.status_code not in {303, 413, 422}:
            wrong.append((case.id, answer.status_code))
        if answer.status_code != 303 and versions() != before:
            wrong.append((case.id, "refused and saved"))
        wrong += [(case.id, fault) for fault in faults(case, browser, answer)]
    assert not wrong


def faults(case: Case, browser: PageClient, answer: TestResponse) -> Iterator[str]:
    """What is wrong with how the text was taken."""
    if answer.status_code == 422:
        page = BeautifulSoup(answer.text, "html.parser")
        if not page.select("#body-error, #subject-error, #action-error"):
            yield "nothing stands beside the field"
        return
    if case.id in UNFILLED:
        yield f"answered {answer.status_code} to what nothing fills"
    if answer.status_code == 303:
        yield from faults_of_preview(browser.get(PAGE))


def faults_of_preview(page: BeautifulSoup) -> Iterator[str]:
    """What a preview must not show."""
    frame = page.select_one("iframe.text-frame")
    if frame is None or frame["sandbox"]:
        yield "no frame, or one in which something may run"
        return
    mail = BeautifulSoup(frame["srcdoc"], "html.parser")
    if strange := {tag.name for tag in mail.find_all(True)} - USUAL:
        yield f"elements of its own: {strange}"
    if len(mail.find_all("a")) != 1:
        yield "another link"
    if any(name.startswith("on") for tag in mail.find_all(True) for name in tag.attrs):
        yield "a handler"


def test_a_preview_of_a_hostile_text_runs_nothing_and_saves_nothing(browser: PageClient) -> None:
    wrong = []
    for case in ALL:
        answer = write(browser, case.text, f"{PAGE}/preview")
        page = BeautifulSoup(answer.text, "html.parser")
        if answer.status_code not in {200, 413}:
            wrong.append((case.id, answer.status_code))
        if page.select_one("iframe.text-frame") is not None:
            wrong += [(case.id, fault) for fault in faults_of_preview(page)]
    assert not wrong
    assert versions() == 0


def test_a_text_without_end_is_refused_before_it_is_read(browser: PageClient) -> None:
    assert write(browser, "x" * 5_000_000, PAGE).status_code == 413
    assert write(browser, "x" * 20_000, PAGE).status_code == 422
    assert versions() == 0


def test_t29_only_technologists_see_a_preview(
    bob: Account, alice: Account, sign_in: Callable[[Account], PageClient]
) -> None:
    for account in (alice, bob):
        other = sign_in(account)
        other.get(PAGE, status=403)
        other.post(f"{PAGE}/preview", {"subject": "x"}, status=403)
