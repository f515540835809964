"""Accounts as technologists manage them, and who may not; the pages of teams are refused alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests.people.sign_ins import OTHER_PASSWORD, PASSWORD, give_password, open_browser, try_to_sign_in
from tests.support import people
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.accounts import passwords, queries, services
from webapp.people.accounts.models import Account, Role, Team

SignIn = Callable[[Account], PageClient]
NEW = {
    "name": "Дарья Ёлкина",
    "email": "daria@example.com",
    "role": "support",
    "language": "ru",
    "time_zone": "Asia/Yekaterinburg",
    "way": "set",
    "password": PASSWORD,
}
PAGES = ("/accounts", "/accounts/new", "/accounts/{alice}", "/teams", "/teams/new", "/teams/{team}")
CHANGES = (
    "/accounts/new",
    "/accounts/{alice}",
    "/accounts/{alice}/password",
    "/accounts/{alice}/password-link",
    "/accounts/{alice}/deactivate",
    "/accounts/{alice}/activate",
    "/accounts/{alice}/end-sessions",
    "/teams/new",
    "/teams/{team}",
    "/teams/{team}/members",
    "/teams/{team}/members/{alice}/remove",
    "/teams/{team}/deactivate",
    "/teams/{team}/activate",
)


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_speak_both_languages(
    sign_in: SignIn, carol: Account, alice: Account, first_line: Team, path: str
):
    address = path.format(alice=alice.id, team=first_line.id)
    browser = sign_in(carol)
    for language in ("ru", "en"):
        browser.post("/language", {"language": language})
        assert browser.get(address).html["lang"] == language


@pytest.mark.parametrize("path", PAGES)
def test_mallory_and_support_staff_see_none_of_it(
    sign_in: SignIn, mallory: Account, bob: Account, alice: Account, first_line: Team, path: str
):
    address = path.format(alice=alice.id, team=first_line.id)
    for account in (mallory, bob):
        sign_in(account).get(address, status=403)


@pytest.mark.parametrize("path", CHANGES)
def test_mallory_and_support_staff_change_none_of_it(
    sign_in: SignIn, mallory: Account, bob: Account, alice: Account, first_line: Team, path: str
):
    address = path.format(alice=alice.id, team=first_line.id)
    for account in (mallory, bob):
        sign_in(account).post(address, {**NEW, "account_id": account.id}, status=403)
    assert db.session.scalars(select(Event)).all() == []


def test_an_account_is_made_with_a_password(app: Flask, sign_in: SignIn, carol: Account):
    sign_in(carol).submit("/accounts/new", "main form", NEW)
    account = queries.get_account_by_email("daria@example.com")
    assert account is not None
    assert (account.name, account.role, account.time_zone) == (
        "Дарья Ёлкина",
        "support",
        "Asia/Yekaterinburg",
    )
    event = db.session.scalars(select(Event)).one()
    assert (event.kind, event.actor_id, event.subject_id) == ("account.created", carol.id, account.id)
    assert PASSWORD not in str(event.changes)
    try_to_sign_in(open_browser(app), "daria@example.com", PASSWORD, status=303)


def test_an_account_is_made_by_invitation(app: Flask, sign_in: SignIn, carol: Account):
    browser = sign_in(carol)
    browser.submit("/accounts/new", "main form", {**NEW, "way": "invite", "password": ""}, status=200)
    link = browser.page.select_one(".link-to-copy").text
    assert link.startswith("http://desk.example/set-password/")
    kinds = db.session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert kinds == ["account.created", "account.password_link_requested"]
    path = link.removeprefix("http://desk.example")
    open_browser(app).submit(path, "main form", {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD})
    try_to_sign_in(open_browser(app), "daria@example.com", OTHER_PASSWORD, status=303)


@pytest.mark.parametrize("address", ["alice@example.com", "ALICE@EXAMPLE.COM", " alice@example.com "])
def test_one_address_has_one_account(sign_in: SignIn, carol: Account, alice: Account, address: str):
    page = sign_in(carol).submit("/accounts/new", "main form", {**NEW, "email": address}, status=422)
    assert page.select_one("#email-error")
    assert page.select_one("#name")["value"] == "Дарья Ёлкина"


def test_composed_and_decomposed_letters_are_one_address(sign_in: SignIn, carol: Account):
    browser = sign_in(carol)
    browser.submit("/accounts/new", "main form", {**NEW, "email": "andré@example.com"})
    page = browser.submit(
        "/accounts/new", "main form", {**NEW, "email": "andre\u0301@example.com"}, status=422
    )
    assert page.select_one("#email-error")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\nb\x07"),
        ("email", "x"),
        ("role", "god"),
        ("language", ""),
        ("time_zone", "Nowhere"),
        ("password", ""),
        ("password", "short"),
        ("way", "magic"),
    ],
)
def test_bad_input_is_told_beside_the_field(sign_in: SignIn, carol: Account, field: str, value: str):
    page = sign_in(carol).submit("/accounts/new", "main form", {**NEW, field: value}, status=422)
    assert page.select_one(f"#{field}-error")
    assert len(db.session.scalars(select(Account)).all()) == 1


def test_the_list_searches_pages_and_says_when_nobody_fits(sign_in: SignIn, carol: Account):
    for number in range(60):
        people.make_account(f"Person{number:02} Ёжиков")
    browser = sign_in(carol)
    page = browser.get("/accounts?q=ёЖИКОВ")
    assert len(page.select("main tbody tr")) == 50
    page = browser.get(page.select_one('a[rel="next"]')["href"])
    assert len(page.select("main tbody tr")) == 10
    assert len(browser.get("/accounts?q=person07@").select("main tbody tr")) == 1
    assert browser.get("/accounts?q=100%25_").select_one(".empty-state")
    assert browser.get("/accounts?role=god&state=odd&cursor=%00").select_one("main tbody tr")


def test_role_and_state_filter_the_list(sign_in: SignIn, carol: Account, alice: Account, bob: Account):
    alice.is_active = False
    db.session.commit()
    browser = sign_in(carol)
    browser.get("/accounts?role=support")
    assert "Bob Miller" in browser.text
    assert "alice@" not in browser.text
    browser.get("/accounts?state=inactive")
    assert "alice@" in browser.text
    assert "Bob Miller" not in browser.text


def test_an_account_is_changed(sign_in: SignIn, carol: Account, alice: Account):
    sign_in(carol).submit(f"/accounts/{alice.id}", "main form", {"role": "support", "name": "Alice S."})
    db.session.refresh(alice)
    assert (alice.role, alice.name) == ("support", "Alice S.")
    changes = db.session.scalars(select(Event)).one().changes
    assert changes["role"] == {"before": "user", "after": "support"}
    assert set(changes) == {"role", "name"}


def test_deactivating_ends_sessions_and_links(app: Flask, sign_in: SignIn, carol: Account, alice: Account):
    alices, browser = sign_in(alice), sign_in(carol)
    open_browser(app).post("/forgotten-password", {"email": alice.email}, status=200)
    browser.post(f"/accounts/{alice.id}/deactivate")
    assert alices.client.get("/profile").status_code == 303
    db.session.refresh(alice)
    assert not alice.is_active
    browser.post(f"/accounts/{alice.id}/activate")
    db.session.refresh(alice)
    assert alice.is_active
    assert alices.client.get("/profile").status_code == 303


def test_nobody_deactivates_themselves(sign_in: SignIn, carol: Account):
    people.make_account("Diana Prince", role=Role.TECHNOLOGIST)
    sign_in(carol).post(f"/accounts/{carol.id}/deactivate")
    db.session.refresh(carol)
    assert carol.is_active


def test_the_last_technologist_keeps_the_role(carol: Account):
    with pytest.raises(services.LastTechnologist):
        services.change_account(carol, actor=carol, role=Role.USER)
    people.make_account("Diana Prince", role=Role.TECHNOLOGIST)
    services.change_account(carol, actor=carol, role=Role.USER)
    assert carol.role == "user"


@pytest.mark.parametrize("page", ["", "/password", "/password-link"])
def test_ones_own_account_is_changed_where_the_present_password_is_asked_for(
    sign_in: SignIn, carol: Account, page: str
):
    give_password(carol)
    fields = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD, "email": "m@example.com", "role": "user"}
    browser = sign_in(carol)
    browser.post(f"/accounts/{carol.id}{page}", fields, status=303)
    assert browser.response is not None
    assert browser.response.headers["Location"] == "/profile"
    db.session.refresh(carol)
    assert (carol.email, carol.role) == ("carol@example.com", "technologist")
    assert passwords.is_password(PASSWORD, carol.password_hash)


def test_the_last_technologist_cannot_be_deactivated_by_a_service_either(carol: Account, bob: Account):
    with pytest.raises(services.LastTechnologist):
        services.deactivate(carol, actor=bob)


def test_a_technologist_sets_a_password_and_the_sessions_end(
    app: Flask, sign_in: SignIn, carol: Account, alice: Account
):
    give_password(alice)
    alices = sign_in(alice)
    fields = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    sign_in(carol).post(f"/accounts/{alice.id}/password", fields)
    assert alices.client.get("/profile").status_code == 303
    try_to_sign_in(open_browser(app), alice.email, OTHER_PASSWORD, status=303)
    page = sign_in(carol).post(
        f"/accounts/{alice.id}/password", {"password": "short", "again": "short"}, status=422
    )
    assert page.select_one("#password-error")


def test_a_technologist_ends_somebodys_sessions(sign_in: SignIn, carol: Account, alice: Account):
    alices = sign_in(alice)
    sign_in(carol).post(f"/accounts/{alice.id}/end-sessions")
    assert alices.client.get("/profile").status_code == 303


@pytest.mark.parametrize(
    "number", ["0", "404", "9223372036854775807", "9223372036854775808", "9" * 40, "-1", "x"]
)
def test_an_account_that_is_not_there_is_not_found(sign_in: SignIn, carol: Account, number: str):
    browser = sign_in(carol)
    browser.get(f"/accounts/{number}", status=404)
    browser.get(f"/teams/{number}", status=404)
    browser.post(f"/accounts/{number}/deactivate", status=404)
    fields = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    browser.post(f"/accounts/{number}/password", fields, status=404)


def test_a_message_leads_to_the_account_that_it_is_about(
    sign_in: SignIn, carol: Account, alice: Account, mallory: Account
):
    assert sign_in(alice).client.get(f"/go/account/{alice.id}").headers["Location"] == "/profile"
    assert sign_in(carol).client.get(f"/go/account/{alice.id}").headers["Location"] == f"/accounts/{alice.id}"
    assert sign_in(mallory).client.get(f"/go/account/{alice.id}").status_code == 404
