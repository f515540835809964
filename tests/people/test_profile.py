"""One's own account: profile, password, sessions, language and theme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests.people.sign_ins import OTHER_PASSWORD, PASSWORD, give_password, open_browser, try_to_sign_in
from tests.support.background import StoppedClock
from tests.support.pages import PageClient
from tests.support.redis_server import RedisServer
from webapp.core import redis
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.accounts.models import Account, AccountSession
from webapp.people.accounts.services.sessions import SESSION_ENDED

SignIn = Callable[[Account], PageClient]
PAGES = ("/profile", "/profile/password", "/profile/sessions")


@pytest.mark.parametrize("path", PAGES)
def test_the_own_pages_speak_both_languages(sign_in: SignIn, alice: Account, bob: Account, path: str):
    assert sign_in(alice).get(path).html["lang"] == "ru"
    assert sign_in(bob).get(path).html["lang"] == "en"


def test_a_person_changes_name_language_and_time_zone(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    browser.submit(
        "/profile", "main form", {"name": " Alice  Cooper ", "language": "en", "time_zone": "Asia/Tokyo"}
    )
    db.session.refresh(alice)
    assert (alice.name, alice.language, alice.time_zone) == ("Alice Cooper", "en", "Asia/Tokyo")
    event = db.session.scalars(select(Event)).one()
    assert event.kind == "account.changed"
    assert event.changes["name"] == {"before": "Alice Smirnova", "after": "Alice Cooper"}
    assert browser.follow().html["lang"] == "en"


def test_saving_an_unchanged_profile_announces_nothing(sign_in: SignIn, alice: Account):
    sign_in(alice).submit("/profile", "main form", {})
    assert db.session.scalars(select(Event)).all() == []


def test_a_new_address_needs_the_present_password(sign_in: SignIn, alice: Account):
    give_password(alice)
    browser = sign_in(alice)
    page = browser.submit("/profile", "main form", {"email": "new@example.com", "name": "Typed"}, status=422)
    assert page.select_one("#present_password-error")
    assert page.select_one("#name")["value"] == "Typed"
    browser.submit("/profile", "main form", {"email": "New@Example.com", "present_password": PASSWORD})
    db.session.refresh(alice)
    assert alice.email == "new@example.com"


def test_an_address_that_somebody_has_is_refused(sign_in: SignIn, alice: Account, bob: Account):
    give_password(alice)
    fields = {"email": "BOB@example.com", "present_password": PASSWORD}
    assert sign_in(alice).submit("/profile", "main form", fields, status=422).select_one("#email-error")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 121),
        ("name", "a\x00b"),
        ("name", "a\u202eb"),
        ("email", "nobody"),
        ("email", "a@b, c@d.example"),
        ("email", "a\r\nBcc: x@evil.test@example.com"),
        ("language", "xx"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
    ],
)
def test_bad_input_is_told_beside_the_field_and_nothing_typed_is_lost(
    sign_in: SignIn, alice: Account, field: str, value: str
):
    page = sign_in(alice).submit("/profile", "main form", {"name": "Typed", field: value}, status=422)
    assert page.select_one(f"#{field}-error")
    if field != "name":
        assert page.select_one("#name")["value"] == "Typed"


def test_mallory_cannot_give_herself_a_role_by_her_profile(sign_in: SignIn, mallory: Account):
    sign_in(mallory).submit(
        "/profile", "main form", {"role": "technologist", "is_active": "1", "password_hash": "x"}
    )
    db.session.refresh(mallory)
    assert (mallory.role, mallory.password_hash) == ("user", None)


def test_a_new_password_ends_the_other_sessions_but_not_this_one(app: Flask, sign_in: SignIn, alice: Account):
    give_password(alice)
    other, here = sign_in(alice), sign_in(alice)
    fields = {"present": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    here.submit("/profile/password", "main form", fields)
    assert here.client.get("/profile").status_code == 200
    assert other.client.get("/profile").status_code == 303
    try_to_sign_in(open_browser(app), alice.email, OTHER_PASSWORD, status=303)


def test_a_new_password_needs_the_present_one(sign_in: SignIn, alice: Account):
    give_password(alice)
    fields = {"present": "not this one", "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    page = sign_in(alice).submit("/profile/password", "main form", fields, status=422)
    assert page.select_one("#present-error")


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 201, "1234567890", "йцукенгшщз", "aaaaaaaaaaaa", "alice@example.com", "Alice Smirnova"],
)
def test_a_bad_password_is_refused(sign_in: SignIn, alice: Account, password: str):
    give_password(alice)
    fields = {"present": PASSWORD, "password": password, "again": password}
    page = sign_in(alice).submit("/profile/password", "main form", fields, status=422)
    assert page.select_one("#password-error")


def test_sessions_are_listed_with_their_devices(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    session = db.session.scalars(select(AccountSession)).one()
    session.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    session.address = "192.0.2.7"
    db.session.commit()
    browser.get("/profile/sessions")
    assert "Firefox" in browser.text
    assert "192.0.2.7" in browser.text


def test_one_session_can_be_ended(sign_in: SignIn, alice: Account):
    lost, here = sign_in(alice), sign_in(alice)
    lost_id = db.session.scalars(select(AccountSession.id).order_by(AccountSession.id)).first()
    here.post(f"/profile/sessions/{lost_id}/end")
    assert lost.client.get("/profile").status_code == 303
    assert here.client.get("/profile").status_code == 200


def test_all_others_can_be_ended(sign_in: SignIn, alice: Account, bob: Account):
    lost, here, bobs = sign_in(alice), sign_in(alice), sign_in(bob)
    here.post("/profile/sessions/end-others")
    assert [browser.client.get("/profile").status_code for browser in (lost, here, bobs)] == [303, 200, 200]


def test_ending_the_present_session_signs_out(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    number = db.session.scalars(select(AccountSession.id)).one()
    browser.post(f"/profile/sessions/{number}/end")
    assert browser.client.get("/profile").status_code == 303


def test_mallory_cannot_end_alices_session(sign_in: SignIn, alice: Account, mallory: Account):
    alices = sign_in(alice)
    number = db.session.scalars(select(AccountSession.id)).one()
    sign_in(mallory).post(f"/profile/sessions/{number}/end", status=404)
    sign_in(mallory).post("/profile/sessions/99999999999999999999999/end", status=404)
    assert alices.client.get("/profile").status_code == 200


def test_the_end_of_a_session_is_published_after_the_commit(
    app: Flask, sign_in: SignIn, alice: Account, redis_server: RedisServer
):
    subscription = redis.long_client().pubsub(ignore_subscribe_messages=True)
    subscription.subscribe(SESSION_ENDED)
    subscription.get_message(timeout=1)
    browser = sign_in(alice)
    number = db.session.scalars(select(AccountSession.id)).one()
    browser.post("/sign-out")
    message = subscription.get_message(timeout=2)
    subscription.close()
    assert message is not None
    assert message["data"] == str(number).encode()


def test_a_session_ends_by_itself(sign_in: SignIn, alice: Account, clock: StoppedClock):
    browser = sign_in(alice)
    assert browser.client.get("/profile").status_code == 200
    clock.move(days=1, seconds=1)
    assert browser.client.get("/profile").status_code == 303


def test_a_session_is_touched_once_in_five_minutes(sign_in: SignIn, alice: Account, clock: StoppedClock):
    browser = sign_in(alice)
    seen = []
    for _ in range(6):
        clock.move(minutes=2)
        browser.get("/profile")
        db.session.expire_all()
        seen.append(db.session.scalars(select(AccountSession.last_seen_at)).one())
        db.session.commit()
    assert len(set(seen)) == 3


def test_the_language_is_kept_in_the_account(sign_in: SignIn, alice: Account):
    browser = sign_in(alice)
    browser.post("/language", {"language": "en", "next": "/profile"})
    db.session.refresh(alice)
    assert alice.language == "en"
    assert browser.follow().html["lang"] == "en"


def test_a_visitor_chooses_language_and_theme_for_this_browser(visitor: PageClient, alice: Account):
    visitor.post("/language", {"language": "en", "next": "/sign-in"})
    visitor.post("/theme", {"theme": "dark", "next": "/sign-in"})
    page = visitor.follow()
    assert page.html["lang"] == "en"
    assert page.html["data-bs-theme"] == "dark"


@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_a_language_or_theme_that_is_not_there_is_refused(visitor: PageClient, alice: Account, path: str):
    visitor.post(path, {"language": "xx", "theme": "pink"}, status=400)
    visitor.post(path, status=400)
