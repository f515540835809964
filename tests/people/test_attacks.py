"""What the attack corpus has for redirects, hosts, CSRF and sessions, as far as it meets these views."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.people.sign_ins import PASSWORD, give_password, open_browser
from tests.support.pages import PageClient, form_values
from webapp.core.own_site import own_path
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]

FOREIGN = (
    "http://evil.test",
    "https://evil.test/",
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "https:evil.test",
    "http:///evil.test",
    "http://good.test.evil.test/",
    "http://good.test@evil.test/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/x\r\nSet-Cookie: a=b",
    "/\\/evil.test",
    "evil.test",
    "",
)


@pytest.mark.pure
@pytest.mark.parametrize("target", FOREIGN)
def test_a_foreign_target_leads_to_the_first_page(target: str):
    assert own_path(target) == "/"


@pytest.mark.pure
@pytest.mark.parametrize("target", ["/", "/tickets/1?x=//evil.test", "/profile#x", "/поиск?q=%20"])
def test_an_own_path_is_kept(target: str):
    assert own_path(target) == target


@pytest.mark.parametrize("target", FOREIGN)
def test_no_view_sends_anybody_to_a_foreign_target(app: Flask, sign_in: SignIn, alice: Account, target: str):
    give_password(alice)
    fields = {"email": alice.email, "password": PASSWORD, "next": target}
    browser = open_browser(app)
    browser.post("/sign-in", fields)
    assert browser.response is not None
    assert browser.response.headers["Location"] == "/"
    browser.post("/theme", {"theme": "dark", "next": target})
    assert browser.response.headers["Location"] == "/"
    browser.post("/language", {"language": "en", "next": target})
    assert browser.response.headers["Location"] == "/"
    assert browser.client.get("/sign-in", query_string={"next": target}).headers["Location"] == "/"


PROTECTED = (
    "/profile",
    "/profile/password",
    "/sign-out",
    "/theme",
    "/language",
    "/sign-in",
    "/forgotten-password",
)


@pytest.mark.parametrize("path", PROTECTED)
def test_without_a_token_nothing_is_changed(sign_in: SignIn, alice: Account, path: str):
    assert sign_in(alice).client.post(path, data={"name": "x"}).status_code == 400


@pytest.mark.parametrize("path", PROTECTED)
def test_anothers_token_is_worth_nothing(sign_in: SignIn, alice: Account, mallory: Account, path: str):
    token = sign_in(mallory).csrf_token()
    assert sign_in(alice).client.post(path, data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize("path", PROTECTED)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "http://localhost.evil.test"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_changes_nothing_even_with_a_token(
    sign_in: SignIn, alice: Account, path: str, headers: dict[str, str]
):
    sign_in(alice).post(path, {"theme": "dark", "language": "en"}, status=403, headers=headers)


def test_our_own_page_changes_things_with_its_headers(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    browser.post(
        "/theme", {"theme": "dark"}, headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    )
    browser.post("/theme", {"theme": "dark"}, headers={"Origin": "http://localhost"})


def test_typed_text_comes_back_when_the_token_is_too_old(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    own = {"Sec-Fetch-Site": "same-origin"}
    fields = {"csrf_token": "old", "name": "Alice <b>", "email": "line one\nline two"}
    browser.client.post("/profile", data=fields)
    page = browser.post("/profile", fields, status=400, headers=own)
    form = page.select_one("form.typed-text")
    assert form["action"] == "/profile"
    assert form.select_one('[name="name"]')["value"] == "Alice <b>"
    assert form.select_one("textarea").text.strip() == "line one\nline two"
    assert form.select_one('[name="csrf_token"]')["value"] not in {"", "old"}


def test_a_form_of_unknown_origin_is_not_offered_to_be_sent(sign_in: SignIn, mallory: Account):
    page = sign_in(mallory).post("/profile", {"csrf_token": "old", "name": "set by another site"}, status=400)
    assert page.select_one("form.typed-text") is None


def test_passwords_never_come_back(sign_in: SignIn, alice: Account):
    fields = {"csrf_token": "old", "present": "my secret one", "password": "my secret two", "note": "kept"}
    page = sign_in(alice).post(
        "/profile/password", fields, status=400, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert "my secret" not in str(page)
    assert page.select_one("form.typed-text button") is None


@pytest.mark.parametrize("name", ["a long text\nwith lines", "short"])
def test_typed_words_are_kept_when_the_session_has_ended(visitor: PageClient, alice: Account, name: str):
    page = visitor.post("/profile", {"name": name, "_nonce": "unseen"}, status=401)
    assert name in form_values(page.select_one("form.typed-text"))["name"]
    assert page.select_one('form.typed-text [name="_nonce"]')["type"] == "hidden"
    assert page.select_one('main a[target="_blank"]')


def test_a_press_of_a_button_without_words_leads_to_the_sign_in(visitor: PageClient, alice: Account):
    visitor.post("/profile", {"number": "12"}, status=303)


def test_htmx_keeps_the_page_when_the_session_has_ended(visitor: PageClient, alice: Account):
    headers = {"HX-Request": "true"}
    page = visitor.post("/profile", {"name": "short"}, status=401, headers=headers)
    assert visitor.response is not None
    assert "HX-Redirect" not in visitor.response.headers
    assert page.select_one("#toasts a")["target"] == "_blank"


def test_htmx_with_an_old_token_gets_the_new_one_and_can_send_again(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    headers = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin", "X-CSRFToken": "old"}
    answer = browser.client.post("/theme", data={"theme": "dark"}, headers=headers)
    assert answer.status_code == 400
    headers["X-CSRFToken"] = answer.headers["X-CSRFToken"]
    assert browser.client.post("/theme", data={"theme": "dark"}, headers=headers).status_code == 204


def test_other_sites_get_no_cors_headers(visitor: PageClient, alice: Account):
    answer = visitor.client.options("/sign-in", headers={"Origin": "https://evil.test"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_page_is_kept_by_a_cache(sign_in: SignIn, alice: Account):
    assert sign_in(alice).client.get("/profile").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, "null", "%00", "' OR 1=1 --", "ключ"])
def test_an_invented_cookie_is_nobody(visitor: PageClient, alice: Account, cookie: str):
    answer = visitor.client.get("/profile", headers={"Cookie": f"vestnik_session={cookie}"})
    assert answer.status_code == 303


def test_a_view_without_a_mark_is_open_to_nobody(app: Flask, sign_in: SignIn, carol: Account):
    forgotten = app.view_functions["home.index"].rights
    app.view_functions["home.index"].rights = None
    try:
        assert sign_in(carol).client.get("/").status_code == 403
    finally:
        app.view_functions["home.index"].rights = forgotten
