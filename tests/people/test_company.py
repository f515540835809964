"""The company card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event, select

from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.accounts.models import Account
from webapp.people.company import settings as company

SignIn = Callable[[Account], PageClient]
FIELDS = {
    "name": "Рога и копыта",
    "base_url": "https://desk.example.org/vestnik/",
    "default_language": "en",
    "time_zone": "Asia/Omsk",
    "notify_unregistered": "y",
}


@pytest.mark.parametrize("path", ["/settings/company", "/settings/company/edit"])
def test_the_card_speaks_both_languages(sign_in: SignIn, carol: Account, path: str):
    browser = sign_in(carol)
    for language in ("ru", "en"):
        browser.post("/language", {"language": language})
        assert browser.get(path).html["lang"] == language


def test_a_technologist_changes_the_card(sign_in: SignIn, carol: Account):
    browser = sign_in(carol)
    browser.submit("/settings/company/edit", "main form", FIELDS)
    card = company.get()
    assert (card.name, card.default_language, card.time_zone, card.notify_unregistered) == (
        "Рога и копыта",
        "en",
        "Asia/Omsk",
        True,
    )
    assert company.absolute_url("/records/1") == "https://desk.example.org/vestnik/records/1"
    told = db.session.scalars(select(Event)).one()
    assert (told.kind, told.actor_id) == ("setting.changed", carol.id)
    assert told.changes["time_zone"] == {"before": "Europe/Moscow", "after": "Asia/Omsk"}
    db.session.commit()
    browser.get("/settings/company")
    assert "Рога и копыта" in browser.text


@pytest.mark.parametrize("path", ["/settings/company", "/settings/company/edit"])
def test_mallory_and_support_staff_do_not_see_the_card(
    sign_in: SignIn, mallory: Account, bob: Account, path: str
):
    for account in (mallory, bob):
        sign_in(account).get(path, status=403)


def test_mallory_does_not_change_the_card(sign_in: SignIn, mallory: Account):
    sign_in(mallory).post("/settings/company/edit", FIELDS, status=403)
    assert company.get() == company.Company(base_url="http://desk.example")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "desk.example.org",
        "ftp://desk.example.org",
        "javascript:alert(1)",
        "https://",
        "https://user@desk.example.org",
        "https://desk.example.org:99999",
        "https://desk.example.org/?x=1",
        "https://desk.example.org/#x",
        "https://desk.example.org\\@evil.test",
        "https://desk example.org",
        'https://desk.example.org/"onmouseover=',
        "https://desk.example.org\nhttps://evil.test",
    ],
)
def test_an_address_that_links_cannot_begin_with_is_refused(sign_in: SignIn, carol: Account, address: str):
    page = sign_in(carol).submit(
        "/settings/company/edit", "main form", {**FIELDS, "base_url": address}, status=422
    )
    assert page.select_one("#base_url-error")
    assert page.select_one("#name")["value"] == "Рога и копыта"


def test_the_card_is_read_once_in_a_transaction_and_anew_in_the_next(carol: Account):
    db.session.commit()
    statements: list[str] = []
    engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    company.get()
    company.get()
    assert len([line for line in statements if "FROM setting" in line]) == 1
    db.session.rollback()
    company.get()
    assert len([line for line in statements if "FROM setting" in line]) == 2


def test_saving_an_unchanged_card_announces_nothing(sign_in: SignIn, carol: Account):
    sign_in(carol).submit("/settings/company/edit", "main form", {})
    assert db.session.scalars(select(Event)).all() == []


@pytest.mark.parametrize(
    ("address", "is_warned"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("https://desk.example.com", False),
        ("http://10.0.0.7", False),
    ],
)
def test_a_technologist_is_told_of_links_that_open_nowhere_else(
    sign_in: SignIn, carol: Account, bob: Account, *, address: str, is_warned: bool
):
    company.change(replace(company.get(), base_url=address), actor=carol)
    carol.language = bob.language = "en"
    db.session.commit()
    for account, is_told in ((carol, is_warned), (bob, False)):
        browser = sign_in(account)
        browser.get("/")
        assert ("open only on this machine" in browser.text) == is_told
