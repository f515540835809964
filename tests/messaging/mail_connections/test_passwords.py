"""Passwords of mail connections: never shown, kept while nothing changes, told to no other server."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jobs.deliver_mail import deliver_mail
from tests.messaging.mail_connections.forms import BASE, FORM, SENDING, stored
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.mail_connections.services import MASK


def test_the_password_is_never_shown_again(carol, sign_in):
    browser = sign_in(carol)
    browser.post(f"{BASE}/new", FORM)
    number = stored().id
    for url in (BASE, f"{BASE}/{number}", f"{BASE}/{number}/edit"):
        browser.get(url)
        assert "canary-password" not in browser.response.get_data(as_text=True)
        assert stored().sealed_password not in browser.response.get_data(as_text=True)
    events = db.session.scalars(select(Event)).all()
    assert events
    assert "canary" not in str([(event.changes, event.data) for event in events])


def test_an_empty_password_keeps_the_stored_one(carol, sign_in):
    browser = sign_in(carol)
    browser.post(f"{BASE}/new", FORM)
    before = stored().sealed_password
    browser.post(f"{BASE}/{stored().id}/edit", FORM | {"password": "", "login": "other", "version": "1"})
    assert (stored().login, stored().sealed_password) == ("other", before)


@pytest.mark.parametrize("change", [{"host": "evil.example.com"}, {"port": "2525"}, {"encryption": "none"}])
def test_a_stored_password_is_never_sent_to_another_server(carol, sign_in, change):
    browser = sign_in(carol)
    browser.post(f"{BASE}/new", FORM)
    form = FORM | {"password": "", "version": "1"} | change
    page = browser.post(f"{BASE}/{stored().id}/edit", form, status=422)
    assert page.select_one("#password-error")


@pytest.mark.parametrize("change", [{"host": "evil.example.com"}, {"port": "2525"}, {"encryption": "none"}])
def test_a_password_is_forgotten_when_the_server_changes_while_sign_in_is_off(carol, sign_in, change):
    carol.language = "en"
    browser = sign_in(carol)
    browser.post(f"{BASE}/new", FORM)
    url = f"{BASE}/{stored().id}"
    elsewhere = FORM | {"password": "", "version": "1"} | change
    browser.post(f"{url}/edit", {name: elsewhere[name] for name in elsewhere if name != "has_sign_in"})
    assert stored().sealed_password is None
    assert "its password has to be typed again" in browser.follow().get_text()
    page = browser.post(f"{url}/edit", elsewhere | {"version": "2"}, status=422)
    assert page.select_one("#password-error")
    changes = db.session.scalars(select(Event).order_by(Event.id.desc())).first().changes
    assert changes["password"] == {"before": MASK, "after": None}


def test_a_password_outlives_a_pause_of_sign_in_and_more_protection(carol, sign_in):
    browser = sign_in(carol)
    browser.post(f"{BASE}/new", FORM)
    before, url = stored().sealed_password, f"{BASE}/{stored().id}/edit"
    without = {name: FORM[name] for name in FORM if name not in {"has_sign_in", "password"}}
    browser.post(url, without | {"version": "1"})
    browser.post(url, FORM | {"password": "", "encryption": "tls", "version": "2"})
    assert (stored().has_sign_in, stored().sealed_password) == (True, before)


def test_a_server_that_took_the_place_of_another_never_hears_its_password(alice, carol, sign_in, app):
    with SmtpSink(logins={"desk": "canary-password"}) as other:
        browser = sign_in(carol)
        browser.post(f"{BASE}/new", FORM)
        browser.post(f"{BASE}/{stored().id}/sending", SENDING | {"version": "1"})
        number, place = stored().id, {"host": "127.0.0.1", "port": str(other.port), "encryption": "none"}
        off = {"protocol": "smtp", "login": "desk", "password": "", "version": "2"} | place
        browser.post(f"{BASE}/{number}/edit", off)
        browser.post(f"{BASE}/{number}/edit", off | {"has_sign_in": "y", "version": "3"}, status=422)
        mail.create(mail.make_order(alice))
        deliver_mail(number)
    assert not [line for line in other.lines if line.upper().startswith("AUTH")]
    assert len(other.ledger) == 1
