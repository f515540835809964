"""The page of silent mode, and what it says on other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.desk.making import make_ticket
from tests.support import mail
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.messaging.silence.queries import get_silent_mode, present
from webapp.messaging.silent_mode import services
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
PAGE = "/settings/silent-mode"
DEEDS = (f"{PAGE}/turn-on", f"{PAGE}/turn-off", f"{PAGE}/exceptions")
BANNER = ".banners .alert-danger"


@pytest.fixture
def browser(carol: Account, sign_in: SignIn) -> PageClient:
    carol.language = "en"
    db.session.commit()
    return sign_in(carol)


def turn_on(carol: Account) -> None:
    services.turn_on("Moving to another server", actor=carol)
    db.session.commit()


@pytest.mark.parametrize("is_on", [False, True])
def test_the_page_speaks_both_languages(browser: PageClient, carol: Account, *, is_on: bool) -> None:
    if is_on:
        turn_on(carol)
    for language in ("ru", "en"):
        browser.post("/language", {"language": language})
        assert browser.get(PAGE).html["lang"] == language


def test_a_technologist_turns_it_on_with_a_reason_and_off(browser: PageClient, carol: Account) -> None:
    browser.submit(PAGE, f"form[action='{PAGE}/turn-on']", {"note": "  Moving   to another server "})
    assert present().is_on
    browser.follow()
    assert "Silent mode is on: no messages leave" in browser.text
    assert "Moving to another server On since" in browser.text
    assert "Carol Volkova" in browser.text
    browser.submit(PAGE, f"form[action='{PAGE}/turn-off']", {})
    assert not present().is_on
    browser.follow()
    assert not browser.page.select(BANNER)


def test_without_a_reason_it_is_not_turned_on(browser: PageClient) -> None:
    page = browser.post(f"{PAGE}/turn-on", {"note": " "}, status=422)
    assert page.select_one("#note-error")
    assert not present().is_on


def test_exceptions_are_saved_as_they_are_read(browser: PageClient) -> None:
    text = "Anna@Example.com\n@example.org\n\n"
    browser.submit(PAGE, f"form[action='{PAGE}/exceptions']", {"exceptions": text})
    row = get_silent_mode()
    assert row is not None
    assert row.exceptions == ["Anna@example.com", "example.org"]
    assert browser.get(PAGE).select_one("textarea").text.split() == ["Anna@example.com", "example.org"]


def test_a_wrong_line_is_said_and_nothing_typed_is_lost(browser: PageClient) -> None:
    text = "anna@example.com\nnot an address\nexample.org"
    page = browser.post(f"{PAGE}/exceptions", {"exceptions": text}, status=422)
    assert "Line 2 is neither an address nor a domain: not an address" in page.select_one(".field-error").text
    assert page.select_one("textarea").text.split("\n") == ["", *text.split("\n")] or text in page.text
    assert get_silent_mode() is None


def test_staff_are_told_on_every_page_and_others_are_not(
    sign_in: SignIn, browser: PageClient, alice: Account, bob: Account, carol: Account, first_line
) -> None:
    mail.make_connection()
    turn_on(carol)
    mail.create(mail.make_order(alice), mail.make_order(bob))
    number = make_ticket(alice).id
    for account, has_button in ((bob, False), (carol, True)):
        window = sign_in(account)
        for page in ("/", "/deliveries", "/records/ticket", f"/records/{number}", "/settings/mail/outgoing"):
            told = window.get(page).select_one(BANNER)
            assert told is not None, page
            assert "2 e-mails are suppressed" in " ".join(told.get_text(" ").split())
            assert bool(told.select(f"a[href='{PAGE}']")) is has_button
    assert not sign_in(alice).get("/").select(BANNER)


def test_only_what_was_suppressed_this_time_is_counted(
    browser: PageClient, alice: Account, carol: Account
) -> None:
    mail.make_connection()
    turn_on(carol)
    mail.create(mail.make_order(alice))
    services.turn_off(actor=carol)
    turn_on(carol)
    browser.get("/")
    assert "Nothing was suppressed yet." in browser.text
    mail.create(mail.make_order(alice))
    browser.get("/")
    assert "One e-mail is suppressed" in browser.text


def test_the_message_and_the_notifications_say_why(
    browser: PageClient, alice: Account, bob: Account, carol: Account, drain: Callable[[], None]
) -> None:
    mail.make_connection()
    turn_on(carol)
    number = make_ticket(alice).id
    drain()
    browser.get(f"/records/{number}/notifications")
    assert "Suppressed" in browser.text
    assert "Silent mode was on. " in browser.text
    assert browser.page.select_one("[title='Silent mode was on, so it was kept back.']")
    browser.get(f"/messages/{mail.deliveries()[0].message_id}")
    assert "Silent mode was on, so it was kept back. Nothing more happens by itself." in browser.text
    browser.get("/deliveries?state=suppressed&cause=silent_mode")
    assert "Silent mode was on" in browser.text


def test_sending_again_in_silent_mode_says_what_to_do(
    browser: PageClient, alice: Account, carol: Account
) -> None:
    mail.make_connection()
    turn_on(carol)
    mail.create(mail.make_order(alice))
    delivery = mail.delivery()
    browser.post(f"/messages/{delivery.message_id}/deliveries/{delivery.id}/send-again")
    browser.follow()
    assert "Not sent: silent mode is on." in browser.text
    assert mail.delivery().state == "suppressed"


def test_all_of_it_goes_again_by_hand_when_the_mode_is_off(
    browser: PageClient, alice: Account, carol: Account
) -> None:
    mail.make_connection()
    turn_on(carol)
    mail.create(*[mail.make_order(alice) for _ in range(3)])
    assert not browser.get(PAGE).select("a[href*='/deliveries/group']")
    services.turn_off(actor=carol)
    db.session.commit()
    link = str(browser.get(PAGE).select_one("a[href*='/deliveries/group']")["href"])
    assert not browser.get(link).select("#skip")
    browser.submit(link, "#again form", {})
    assert {one.state for one in mail.deliveries()} == {"waiting"}


def test_a_copy_says_so_and_where_it_belongs(
    browser: PageClient, carol: Account, app, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.look()
    db.session.commit()
    monkeypatch.setitem(app.config, "VESTNIK", replace(app.config["VESTNIK"], base_url=""))
    words = "This database was made for desk.example and is opened under"
    browser.get("/")
    assert words in browser.text, "before anybody has looked"
    services.look()
    db.session.commit()
    browser.get(PAGE)
    assert words in browser.text
    assert "no copy and may write to the people in it" in browser.text
    browser.submit(PAGE, f"form[action='{PAGE}/turn-off']", {})
    assert not browser.get("/").select(BANNER)


def test_whoever_asks_for_a_link_is_told_that_none_comes(visitor: PageClient, carol: Account) -> None:
    visitor.post("/language", {"language": "en"})
    assert "No e-mail leaves now" not in visitor.get("/forgotten-password").text
    turn_on(carol)
    assert "No e-mail leaves now" in visitor.get("/forgotten-password").text


def test_mallory_and_support_are_refused(sign_in: SignIn, mallory: Account, bob: Account) -> None:
    for account in (mallory, bob):
        window = sign_in(account)
        window.get(PAGE, status=403)
        for deed in DEEDS:
            window.post(deed, {"note": "x", "exceptions": "x"}, status=403)
    assert not present().is_on
