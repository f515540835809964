"""Pages of outgoing mail: who may do what, what is shown, what is never shown."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.messaging.mail_connections.forms import BASE, FORM, SENDING, stored
from tests.support import mail
from webapp.core import secret_box
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection


def test_an_empty_list_says_what_to_do(carol, sign_in):
    page = sign_in(carol).get(BASE)
    assert page.select_one(f"a[href='{BASE}/new']")


def test_a_technologist_adds_a_connection_that_becomes_the_default(carol, sign_in):
    browser = sign_in(carol)
    browser.get(f"{BASE}/new")
    browser.post(f"{BASE}/new", FORM)
    connection = stored()
    assert (connection.host, connection.port, connection.encryption) == ("mail.example.com", 587, "starttls")
    assert connection.is_default
    assert secret_box.open_sealed(connection.sealed_password) == "canary-password"
    assert browser.response.headers["Location"].endswith(f"{BASE}/{connection.id}/sending")


def test_sign_in_is_off_by_default_and_then_needs_no_login(carol, sign_in):
    browser = sign_in(carol)
    assert not browser.get(f"{BASE}/new").select_one("#has_sign_in").has_attr("checked")
    browser.post(f"{BASE}/new", {"host": "10.0.0.5", "protocol": "smtp", "port": "25", "encryption": "none"})
    assert not stored().has_sign_in


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", ""), ("host", "https://mail.example.com"), ("host", "mail example.com"), ("host", "a\0b"),
        ("host", "x" * 300), ("port", ""), ("port", "0"), ("port", "65536"), ("port", "many"),
        ("encryption", "rot13"), ("protocol", "ews"), ("login", ""), ("login", "a\r\nb"), ("password", ""),
    ],
)  # fmt: skip
def test_a_bad_value_is_said_beside_its_field_and_the_text_is_kept(carol, sign_in, field, value):
    browser = sign_in(carol)
    page = browser.post(f"{BASE}/new", FORM | {field: value}, status=422)
    assert page.select_one(f"#{field}-error")
    kept = "host" if field != "host" else "login"
    assert page.select_one(f"#{kept}")["value"] == FORM[kept]


def test_a_second_editor_sees_what_was_saved_and_loses_nothing_typed(carol, sign_in):
    browser = sign_in(carol)
    browser.post(f"{BASE}/new", FORM)
    url = f"{BASE}/{stored().id}/sending"
    browser.post(url, SENDING | {"version": "1"})
    page = browser.post(url, SENDING | {"sender_name": "Mine", "version": "1"}, status=409)
    assert page.select_one("#sender_name")["value"] == "Mine"
    assert "Help desk" in page.get_text()
    assert stored().sender_name == "Help desk"
    browser.post(url, SENDING | {"sender_name": "Mine", "version": page.select_one("#version")["value"]})
    assert stored().sender_name == "Mine"


def test_support_edits_the_sending_block_and_nothing_else(bob, sign_in):
    connection = mail.make_connection(is_complete=False)
    browser = sign_in(bob)
    page = browser.get(f"{BASE}/{connection.id}")
    assert page.select_one(f"a[href='{BASE}/{connection.id}/sending']")
    assert not page.select(f"a[href$='/edit'], form[action^='{BASE}']")
    browser.get(f"{BASE}/{connection.id}/sending")
    browser.post(f"{BASE}/{connection.id}/sending", SENDING | {"version": "1"})
    assert stored().is_complete
    number = connection.id
    for url in (f"{BASE}/new", f"{BASE}/{number}/edit", f"{BASE}/{number}/delete"):
        browser.get(url, status=403)
    for action in (
        "new",
        *(f"{number}/{name}" for name in ("edit", "delete", "switch-off", "switch-on", "default", "check")),
    ):
        browser.post(f"{BASE}/{action}", FORM, status=403)


@pytest.mark.parametrize("field", SENDING)
def test_each_sending_parameter_is_required(carol, sign_in, field):
    connection = mail.make_connection(is_complete=False)
    page = sign_in(carol).post(
        f"{BASE}/{connection.id}/sending", SENDING | {field: " ", "version": "1"}, status=422
    )
    assert page.select_one(f"#{field}-error")


@pytest.mark.parametrize(
    "address",
    ["nobody", "a@b@c", "a@example.com, b@example.com", "a@exa mple.com", "a@example.com\r\nBcc: x@y.z"],
)
def test_a_bad_address_is_refused(carol, sign_in, address):
    connection = mail.make_connection(is_complete=False)
    form = SENDING | {"system_address": address, "version": "1"}
    page = sign_in(carol).post(f"{BASE}/{connection.id}/sending", form, status=422)
    assert page.select_one("#system_address-error")


def test_mallory_is_refused_everywhere(mallory, sign_in):
    connection = mail.make_connection()
    browser, number = sign_in(mallory), connection.id
    for path in (
        "",
        "/new",
        f"/{number}",
        f"/{number}/edit",
        f"/{number}/sending",
        f"/{number}/delete",
        f"/{number}/check",
    ):
        browser.get(BASE + path, status=403)
    for name in ("edit", "sending", "delete", "switch-off", "switch-on", "default", "check"):
        browser.post(f"{BASE}/{number}/{name}", SENDING, status=403)
    assert stored().is_enabled


def test_a_connection_is_switched_off_and_on(carol, sign_in):
    connection = mail.make_connection()
    browser = sign_in(carol)
    browser.post(f"{BASE}/{connection.id}/switch-off")
    assert not stored().is_enabled
    assert browser.get(f"{BASE}/{connection.id}").select_one("form[action$='/switch-on']")
    browser.post(f"{BASE}/{connection.id}/switch-on")
    assert stored().is_enabled


def test_another_connection_becomes_the_default(carol, sign_in):
    first, second = mail.make_connection(), mail.make_connection()
    browser = sign_in(carol)
    browser.post(f"{BASE}/{second.id}/default")
    db.session.rollback()
    flags = {row.id: row.is_default for row in db.session.scalars(select(MailConnection))}
    assert flags == {first.id: False, second.id: True}


def test_deletion_asks_with_numbers_and_passes_the_default_on(alice, carol, sign_in):
    first, second = mail.make_connection(), mail.make_connection(host="second.example.com")
    mail.create(mail.make_order(alice))
    browser = sign_in(carol)
    page = browser.get(f"{BASE}/{first.id}/delete")
    assert "second.example.com" in page.get_text()
    assert (
        "1" in page.select_one(".card").get_text()
        or "Одно" in page.select_one(".card").get_text()
        or "One" in page.get_text()
    )
    browser.post(f"{BASE}/{first.id}/delete")
    db.session.rollback()
    assert db.session.get(MailConnection, first.id).is_deleted
    assert db.session.get(MailConnection, second.id).is_default
    browser.get(f"{BASE}/{first.id}", status=404)


def test_a_banner_tells_technologists_and_support_that_parameters_are_missing(alice, bob, carol, sign_in):
    connection = mail.make_connection(is_complete=False)
    mail.create(mail.make_order(alice))
    for account in (bob, carol):
        page = sign_in(account).get(BASE)
        assert page.select_one(f".banners a[href='{BASE}/{connection.id}/sending']")


def test_users_see_no_banner(alice, sign_in):
    mail.make_connection(is_complete=False)
    assert not sign_in(alice).get("/notes").select(".banners .alert")
