"""My work, and the page behind the gear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support import people
from tests.support.mail import make_connection
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.people.accounts.models import Account
from webapp.people.company import settings

SignIn = Callable[[Account], PageClient]


def test_everybody_has_a_first_page(sign_in: SignIn, alice: Account, bob: Account, carol: Account):
    for account, language in ((alice, "ru"), (bob, "en"), (carol, "ru")):
        assert sign_in(account).get("/").html["lang"] == language


def test_the_page_behind_the_gear_leads_to_every_setting(sign_in: SignIn, carol: Account):
    page = sign_in(carol).get("/settings")
    links = [link["href"] for link in page.select("main a")]
    assert {"/accounts", "/teams", "/settings/company"} <= set(links)


def test_the_gear_opens_that_page(sign_in: SignIn, carol: Account):
    page = sign_in(carol).get("/")
    assert page.select_one('.bar-tools a[data-key="g s"]')["href"] == "/settings"


def test_a_fresh_system_says_what_it_needs_and_what_is_done(sign_in: SignIn, carol: Account, bob: Account):
    settings.change(replace(settings.get(), base_url="http://localhost"), actor=carol)
    page = sign_in(carol).get("/settings")
    steps = page.select(".check-step")
    assert [step.a["href"] for step in steps] == [
        "/settings/company/edit",
        "/settings/mail/outgoing",
        "/settings/mail/outgoing",
        "/accounts",
        "/teams",
    ]
    assert ["check-step-done" in step["class"] for step in steps] == [False, False, False, True, False]
    assert not sign_in(bob).get("/settings").select(".check-step"), "these are the technologist's"


def test_a_system_that_has_all_it_needs_says_nothing_of_it(sign_in: SignIn, carol: Account, bob: Account):
    people.make_team("First line", leader=bob)
    make_connection()
    settings.change(replace(settings.get(), base_url="https://desk.example.org"), actor=carol)
    db.session.commit()
    assert not sign_in(carol).get("/settings").select(".check-step")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_behind_the_gear_speaks_both_languages(sign_in: SignIn, carol: Account, language: str):
    browser = sign_in(carol)
    browser.post("/language", {"language": language})
    assert browser.get("/settings").html["lang"] == language


def test_mallory_has_no_settings(sign_in: SignIn, mallory: Account):
    sign_in(mallory).get("/settings", status=403)


def test_a_visitor_is_asked_who_it_is(visitor: PageClient, alice: Account):
    assert visitor.client.get("/").headers["Location"] == "/sign-in?next=/"
