"""Signing in and out: who gets in, who does not, and what guessing meets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select, update

from tests.people.sign_ins import PASSWORD, give_password, open_browser, try_to_sign_in
from tests.support.pages import PageClient
from tests.support.redis_server import RedisServer
from webapp.core.db import db
from webapp.people.accounts import passwords, queries
from webapp.people.accounts.models import Account, AccountSession

SignIn = Callable[[Account], PageClient]


def test_a_person_signs_in_with_address_and_password(visitor: PageClient, alice: Account):
    give_password(alice)
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    assert visitor.response is not None
    assert visitor.response.headers["Location"] == "/"
    assert "Alice Smirnova" in visitor.get("/").text


def test_letter_case_and_spaces_of_the_address_do_not_matter(visitor: PageClient, alice: Account):
    give_password(alice)
    try_to_sign_in(visitor, "  ALICE@Example.com ", PASSWORD, status=303)


def test_a_wrong_password_keeps_the_address_and_says_so(visitor: PageClient, alice: Account):
    give_password(alice)
    page = try_to_sign_in(visitor, "alice@example.com", "not the password", status=422)
    assert page.select_one("#email")["value"] == "alice@example.com"
    assert not page.select_one("#password").get("value")
    assert page.select_one('[role="alert"]')


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(visitor: PageClient, alice: Account):
    give_password(alice)
    known = try_to_sign_in(visitor, "alice@example.com", "not the password", status=422).select_one(
        "[role=alert]"
    )
    unknown = try_to_sign_in(visitor, "nobody@example.com", "not the password", status=422).select_one(
        "[role=alert]"
    )
    assert known.text == unknown.text


def test_a_deactivated_account_does_not_get_in(visitor: PageClient, alice: Account):
    give_password(alice)
    alice.is_active = False
    db.session.commit()
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=422)


def test_an_account_without_a_password_does_not_get_in(visitor: PageClient, alice: Account):
    try_to_sign_in(visitor, "alice@example.com", "", status=422)
    try_to_sign_in(visitor, "alice@example.com", "nobody has this password", status=422)


def test_only_the_hash_of_the_token_is_kept(visitor: PageClient, alice: Account):
    give_password(alice)
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    cookie = visitor.client.get_cookie("vestnik_session")
    assert cookie is not None
    session = db.session.scalars(select(AccountSession)).one()
    assert session.token_hash == queries.hash_of(cookie.value)
    assert cookie.value not in session.token_hash


def test_the_cookie_is_closed_to_scripts_and_other_sites(visitor: PageClient, alice: Account):
    give_password(alice)
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    assert visitor.response is not None
    cookie = next(
        c for c in visitor.response.headers.getlist("Set-Cookie") if c.startswith("vestnik_session=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, visitor: PageClient, alice: Account):
    give_password(alice)
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    cookie = visitor.client.get_cookie("vestnik_session")
    assert cookie is not None
    thief = open_browser(app)
    thief.client.set_cookie("vestnik_session", cookie.value)
    visitor.post("/sign-out", status=303)
    thief.get("/profile")
    assert "Alice" not in thief.text


def test_signing_in_ends_the_session_that_the_browser_had(app: Flask, visitor: PageClient, alice: Account):
    give_password(alice)
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    first = visitor.client.get_cookie("vestnik_session")
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    second = visitor.client.get_cookie("vestnik_session")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    assert queries.get_session_by_token(first.value) is None
    assert queries.get_session_by_token(second.value) is not None


def test_a_cookie_set_before_signing_in_is_replaced(visitor: PageClient, alice: Account):
    give_password(alice)
    visitor.client.set_cookie("vestnik_session", "chosen-by-mallory")
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    cookie = visitor.client.get_cookie("vestnik_session")
    assert cookie is not None
    assert cookie.value != "chosen-by-mallory"


def test_the_csrf_token_changes_with_the_sign_in(visitor: PageClient, alice: Account):
    give_password(alice)
    before = visitor.csrf_token()
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    assert visitor.post("/theme", {"theme": "dark", "csrf_token": before}, status=400)


def test_guessing_one_account_is_slowed_and_the_form_says_how_long(visitor: PageClient, alice: Account):
    give_password(alice)
    for _ in range(5):
        try_to_sign_in(visitor, "alice@example.com", "not the password", status=422)
    page = try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=429)
    assert visitor.response is not None
    assert int(visitor.response.headers["Retry-After"]) >= 1
    assert page.select_one("#email")["value"] == "alice@example.com"


def test_a_forged_forwarding_header_does_not_reset_the_count(visitor: PageClient, alice: Account):
    give_password(alice)
    fields = {"email": "alice@example.com", "password": "not the password"}
    for number in range(5):
        visitor.post("/sign-in", fields, status=422, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    visitor.post("/sign-in", fields, status=429, headers={"X-Forwarded-For": "192.0.2.99"})


def test_guessing_from_many_addresses_does_not_lock_a_known_browser_out(
    app: Flask, visitor: PageClient, alice: Account
):
    give_password(alice)
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    visitor.post("/sign-out", status=303)
    guesser = open_browser(app)
    wrong = {"email": "alice@example.com", "password": "not the password"}
    answers = []
    for number in range(55):
        address = {"REMOTE_ADDR": f"198.51.100.{number}"}
        answers.append(
            guesser.client.post(
                "/sign-in", data={"csrf_token": _token(guesser), **wrong}, environ_base=address
            )
        )
    assert answers[0].status_code == 422
    assert answers[-1].status_code == 429
    stranger = open_browser(app)
    strange = stranger.client.post(
        "/sign-in",
        data={"csrf_token": _token(stranger), **wrong},
        environ_base={"REMOTE_ADDR": "203.0.113.1"},
    )
    assert strange.status_code == 429
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)


def _token(browser: PageClient) -> str:
    if not hasattr(browser, "kept_token"):
        browser.kept_token = browser.csrf_token()
    return browser.kept_token


def test_successful_sign_ins_do_not_count_as_guesses(app: Flask, alice: Account):
    give_password(alice)
    for _ in range(8):
        try_to_sign_in(open_browser(app), "alice@example.com", PASSWORD, status=303)


def test_a_hash_with_old_parameters_is_replaced_at_sign_in(visitor: PageClient, alice: Account):
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    alice.password_hash = old
    db.session.commit()
    try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
    db.session.refresh(alice)
    assert alice.password_hash != old
    assert passwords.is_password(PASSWORD, alice.password_hash)


def test_a_password_typed_in_another_composition_is_the_same(visitor: PageClient, alice: Account):
    alice.password_hash = passwords.hash_password("пароль с буквой й")
    db.session.commit()
    try_to_sign_in(visitor, "alice@example.com", "пароль с буквой и\u0306", status=303)


def test_who_is_signed_in_is_sent_on_from_the_sign_in_page(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    browser.client.get("/sign-in")
    response = browser.client.get("/sign-in?next=/profile")
    assert response.status_code == 303
    assert response.headers["Location"] == "/profile"


def test_a_page_that_needs_a_sign_in_leads_back_to_itself(visitor: PageClient, alice: Account):
    give_password(alice)
    page = visitor.get("/profile/sessions?x=1")
    assert page.select_one('main input[name="next"]')["value"] == "/profile/sessions?x=1"
    fields = {"email": "alice@example.com", "password": PASSWORD}
    visitor.submit("/profile/sessions?x=1", "main form", fields)
    assert visitor.response is not None
    assert visitor.response.headers["Location"] == "/profile/sessions?x=1"


def test_a_fragment_that_needs_a_sign_in_loads_the_sign_in_page(visitor: PageClient, alice: Account):
    response = visitor.client.get(
        "/profile", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.test"}
    )
    assert response.headers["HX-Redirect"] == "/sign-in"


def test_a_stream_that_needs_a_sign_in_is_told_so(visitor: PageClient, alice: Account):
    assert visitor.client.get("/profile", headers={"Accept": "text/event-stream"}).status_code == 401


def test_signing_out_works_by_post_only(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    assert browser.client.get("/sign-out").status_code == 405
    browser.post("/sign-out", status=303)
    assert browser.client.get("/profile").status_code == 303


def test_mallory_without_an_account_sees_no_page_but_the_public_ones(
    app: Flask, visitor: PageClient, alice: Account
):
    for path in (
        "/",
        "/profile",
        "/profile/sessions",
        "/profile/password",
        "/accounts",
        "/teams",
        "/settings/company",
    ):
        response = visitor.client.get(path)
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_sign_in_page_speaks_both_languages(visitor: PageClient, alice: Account, language: str):
    page = visitor.get("/sign-in", headers={"Accept-Language": language})
    assert page.html["lang"] == language


def test_a_wrong_password_needs_no_writers_lock(app: Flask, visitor: PageClient, alice: Account):
    give_password(alice)
    token = visitor.csrf_token()
    db.session.execute(update(Account).values(name="changing"))  # on SQLite this holds the only writer's lock
    fields = {"csrf_token": token, "email": "alice@example.com", "password": "not the password"}
    assert visitor.client.post("/sign-in", data=fields).status_code == 422
    db.session.rollback()


def test_people_sign_in_while_redis_is_down(
    app: Flask, visitor: PageClient, alice: Account, redis_server: RedisServer
):
    give_password(alice)
    redis_server.stop()
    try:
        try_to_sign_in(visitor, "alice@example.com", PASSWORD, status=303)
        visitor.post("/sign-out", status=303)
    finally:
        redis_server.start()
