"""My work, and the page behind the gear."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.pages import PageClient
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]


def test_everybody_has_a_first_page(sign_in: SignIn, alice: Account, bob: Account, carol: Account):
    for account, language in ((alice, "ru"), (bob, "en"), (carol, "ru")):
        assert sign_in(account).get("/").html["lang"] == language


def test_the_page_behind_the_gear_leads_to_every_setting(sign_in: SignIn, carol: Account):
    page = sign_in(carol).get("/settings")
    links = [link["href"] for link in page.select("main a")]
    assert {"/accounts", "/teams", "/settings/company"} <= set(links)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_behind_the_gear_speaks_both_languages(sign_in: SignIn, carol: Account, language: str):
    browser = sign_in(carol)
    browser.post("/language", {"language": language})
    assert browser.get("/settings").html["lang"] == language


def test_mallory_has_no_settings(sign_in: SignIn, mallory: Account):
    sign_in(mallory).get("/settings", status=403)


def test_a_visitor_is_asked_who_it_is(visitor: PageClient, alice: Account):
    assert visitor.client.get("/").headers["Location"] == "/sign-in?next=/"
