"""Links by which one sets a password: once, for half an hour, and without telling who has an account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.people.sign_ins import OTHER_PASSWORD, PASSWORD, give_password, open_browser, try_to_sign_in
from tests.support.background import StoppedClock
from tests.support.pages import PageClient
from webapp.core import secret_box
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.accounts import queries
from webapp.people.accounts.models import Account, OneTimeLink

SignIn = Callable[[Account], PageClient]
NEW = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}


def ask_for_link(visitor: PageClient, account: Account) -> str:
    """Ask for a link and return its token, as the mail would carry it."""
    visitor.post("/forgotten-password", {"email": account.email}, status=200)
    return last_token()


def last_token() -> str:
    events = select(Event).where(Event.kind == "account.password_link_requested").order_by(Event.id.desc())
    sealed = db.session.scalars(events.limit(1)).one().data["sealed_token"]
    db.session.commit()
    return secret_box.open_sealed(sealed)


def test_a_forgotten_password_is_replaced_by_the_link(app: Flask, visitor: PageClient, alice: Account):
    give_password(alice)
    token = ask_for_link(visitor, alice)
    visitor.submit(f"/set-password/{token}", "main form", NEW)
    try_to_sign_in(visitor, alice.email, PASSWORD, status=422)
    try_to_sign_in(visitor, alice.email, OTHER_PASSWORD, status=303)


def test_the_answer_is_the_same_whether_or_not_there_is_an_account(visitor: PageClient, alice: Account):
    visitor.post("/forgotten-password", {"email": "alice@example.com"}, status=200)
    known = visitor.text.replace("alice@example.com", "…")
    visitor.post("/forgotten-password", {"email": "nobody@example.com"}, status=200)
    assert visitor.text.replace("nobody@example.com", "…") == known
    assert db.session.scalar(select(func.count()).select_from(OneTimeLink)) == 1


def test_the_token_stands_sealed_in_the_event_and_hashed_in_the_table(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    event = db.session.scalars(select(Event)).one()
    assert token not in str(event.data)
    assert (event.subject_type, event.subject_id, event.actor_id) == ("account", alice.id, None)
    assert db.session.scalars(select(OneTimeLink)).one().token_hash == queries.hash_of(token)


def test_looking_at_the_link_uses_nothing_up(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    for _ in range(3):  # mail scanners open what they find
        visitor.get(f"/set-password/{token}")
        visitor.client.head(f"/set-password/{token}")
    visitor.submit(f"/set-password/{token}", "main form", NEW)


def test_a_link_works_once(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    visitor.post(f"/set-password/{token}", NEW)
    visitor.post(f"/set-password/{token}", NEW, status=410)
    visitor.get(f"/set-password/{token}", status=410)


def test_using_one_link_makes_the_others_useless(visitor: PageClient, alice: Account):
    first, second = ask_for_link(visitor, alice), ask_for_link(visitor, alice)
    visitor.post(f"/set-password/{second}", NEW)
    visitor.get(f"/set-password/{first}", status=410)


def test_a_link_ends_after_half_an_hour(visitor: PageClient, alice: Account, clock: StoppedClock):
    token = ask_for_link(visitor, alice)
    clock.move(minutes=29, seconds=59)
    visitor.get(f"/set-password/{token}")
    clock.move(seconds=2)
    visitor.get(f"/set-password/{token}", status=410)
    visitor.post(f"/set-password/{token}", NEW, status=410)


@pytest.mark.parametrize("token", ["null", "undefined", "0", "%00", "a" * 500, "..", "%F0%9F%92%A9"])
def test_mallory_gets_nothing_with_an_invented_link(visitor: PageClient, alice: Account, token: str):
    response = visitor.client.get(f"/set-password/{token}")
    assert response.status_code in {404, 410}
    assert visitor.client.post("/set-password/").status_code in {404, 405, 400}


def test_the_link_of_a_deactivated_account_is_worth_nothing(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    alice.is_active = False
    db.session.commit()
    visitor.get(f"/set-password/{token}", status=410)


def test_the_page_of_a_link_tells_no_other_site_its_address(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    for address in (f"/set-password/{token}", "/set-password/wrong"):
        assert visitor.client.get(address).headers["Referrer-Policy"] == "no-referrer"


def test_a_link_works_over_tls_although_its_page_sends_no_referrer(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    visitor.client.get(f"/set-password/{token}", base_url="https://localhost")
    visitor.post(f"/set-password/{token}", NEW, headers=headers, base_url="https://localhost")


def test_a_link_without_a_csrf_token_changes_nothing(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    assert visitor.client.post(f"/set-password/{token}", data=NEW).status_code == 400
    visitor.get(f"/set-password/{token}")


def test_a_weak_password_is_refused_beside_the_field_and_the_link_stays(visitor: PageClient, alice: Account):
    token = ask_for_link(visitor, alice)
    page = visitor.post(
        f"/set-password/{token}", {"password": "1234567890", "again": "1234567890"}, status=422
    )
    assert page.select_one("#password-error")
    page = visitor.post(f"/set-password/{token}", {**NEW, "again": "different"}, status=422)
    assert page.select_one("#again-error")
    visitor.get(f"/set-password/{token}")


def test_setting_a_password_by_link_ends_all_sessions(app: Flask, visitor: PageClient, alice: Account):
    give_password(alice)
    other = open_browser(app)
    try_to_sign_in(other, alice.email, PASSWORD, status=303)
    visitor.post(f"/set-password/{ask_for_link(visitor, alice)}", NEW)
    assert other.client.get("/profile").status_code == 303


def test_one_account_gets_few_links_an_hour_and_the_asker_does_not_learn_it(app: Flask, alice: Account):
    for _ in range(7):
        open_browser(app).post("/forgotten-password", {"email": alice.email}, status=200)
    assert db.session.scalar(select(func.count()).select_from(OneTimeLink)) == 5


def test_one_browser_asks_for_ten_links_an_hour_at_most(visitor: PageClient, alice: Account):
    for number in range(10):
        visitor.post("/forgotten-password", {"email": f"nobody{number}@example.com"}, status=200)
    visitor.post("/forgotten-password", {"email": "nobody@example.com"}, status=429)


def test_the_host_of_the_request_does_not_reach_the_link(
    visitor: PageClient, alice: Account, carol: Account, sign_in: Callable[[Account], PageClient]
):
    browser = sign_in(carol)
    headers = {"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    browser.post(f"/accounts/{alice.id}/password-link", status=200, headers={"X-Forwarded-Host": "evil.test"})
    assert "http://desk.example/set-password/" in browser.text
    assert "evil.test" not in browser.text
    visitor.client.post("/forgotten-password", data={"email": alice.email}, headers=headers)
    assert "evil.test" not in str([event.data for event in db.session.scalars(select(Event))])


def test_changing_ones_password_makes_links_useless(visitor: PageClient, alice: Account, sign_in: SignIn):
    give_password(alice)
    token = ask_for_link(visitor, alice)
    sign_in(alice).post("/profile/password", {"present": PASSWORD, **NEW})
    visitor.get(f"/set-password/{token}", status=410)


def test_a_password_set_by_a_technologist_makes_links_useless(
    visitor: PageClient, alice: Account, carol: Account, sign_in: SignIn
):
    token = ask_for_link(visitor, alice)
    sign_in(carol).post(f"/accounts/{alice.id}/password", NEW)
    visitor.get(f"/set-password/{token}", status=410)


def test_a_link_to_a_mistyped_address_is_useless_after_the_address_is_mended(
    visitor: PageClient, alice: Account, carol: Account, sign_in: SignIn
):
    carols = sign_in(carol)
    carols.post(f"/accounts/{alice.id}/password-link", status=200)
    token = last_token()
    carols.submit(f"/accounts/{alice.id}", "main form", {"email": "alice.smirnova@example.com"})
    visitor.get(f"/set-password/{token}", status=410)
