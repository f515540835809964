"""The first technologist of an empty system."""

from __future__ import annotations

import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from tests.people.sign_ins import PASSWORD
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.people.accounts import services
from webapp.people.accounts.models import Account

FIELDS = {
    "name": "Carol Volkova",
    "email": "carol@example.com",
    "password": PASSWORD,
    "again": PASSWORD,
    "language": "en",
    "time_zone": "Europe/London",
}


def test_an_empty_system_asks_who_sets_it_up(visitor: PageClient):
    visitor.get("/")
    assert visitor.response is not None
    assert visitor.response.request.path == "/first-account"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_first_page_speaks_both_languages(visitor: PageClient, language: str):
    page = visitor.get("/first-account", headers={"Accept-Language": language})
    assert page.html["lang"] == language


def test_the_first_account_is_a_technologist_and_signed_in(visitor: PageClient):
    visitor.submit("/first-account", "main form", FIELDS)
    account = db.session.scalars(select(Account)).one()
    assert (account.role, account.language, account.time_zone) == ("technologist", "en", "Europe/London")
    visitor.get("/accounts")
    assert "Carol Volkova" in visitor.text


def test_mallory_cannot_make_a_first_account_when_there_is_one(visitor: PageClient, alice: Account):
    visitor.post("/first-account", FIELDS, status=303)
    assert db.session.scalars(select(Account.email)).all() == ["alice@example.com"]
    assert visitor.client.get("/first-account").status_code == 303


def test_mallory_spends_no_slow_hash_once_there_is_an_account(app: Flask, alice: Account):
    """Refused before the password is looked at: otherwise a bad one would be told first."""
    with pytest.raises(services.NotEmpty):
        services.create_first_account("m@example.com", "Mallory", "en", "UTC", "short")


def test_one_browser_tries_to_make_the_first_account_ten_times_a_minute_at_most(visitor: PageClient):
    for _ in range(10):
        visitor.post("/first-account", {**FIELDS, "again": "differs"}, status=422)
    visitor.post("/first-account", {**FIELDS, "again": "differs"}, status=429)


def test_bad_input_is_told_beside_the_field(visitor: PageClient):
    bad = {**FIELDS, "email": "carol", "password": "short", "again": "short"}
    page = visitor.submit("/first-account", "main form", bad, status=422)
    assert page.select_one("#email-error")
    assert page.select_one("#name")["value"] == "Carol Volkova"
    page = visitor.submit("/first-account", "main form", {**bad, "email": "carol@example.com"}, status=422)
    assert page.select_one("#password-error")


def test_of_many_who_come_at_once_one_becomes_the_first(app: Flask):
    def come(number: int) -> bool:
        with app.app_context():
            try:
                services.create_first_account(f"p{number}@example.com", f"P{number}", "en", "UTC", PASSWORD)
                db.session.commit()
            except services.NotEmpty:
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: contextvars.Context().run(come, number), range(6)))
    assert sorted(answers) == [False] * 5 + [True]
    assert len(db.session.scalars(select(Account)).all()) == 1
