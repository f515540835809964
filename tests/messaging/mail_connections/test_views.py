"""Pages of outgoing mail: who may do what, what is shown, what is never shown."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jobs.check_connection import check_connection
from jobs.deliver_mail import deliver_mail
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core import redis, secret_box
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.mail_connections.services import MASK

BASE = "/settings/mail/outgoing"
FORM = {
    "host": "mail.example.com",
    "protocol": "smtp",
    "port": "587",
    "encryption": "starttls",
    "has_sign_in": "y",
    "login": "desk",
    "password": "canary-password",
    "version": "0",
}
SENDING = {
    "support_address": "help@example.com",
    "system_address": "desk@example.com",
    "sender_name": "Help desk",
}


def stored() -> MailConnection:
    db.session.rollback()
    return db.session.scalars(select(MailConnection).execution_options(populate_existing=True)).one()


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


def test_a_check_runs_in_the_background_and_the_page_shows_its_steps(carol, sign_in, app):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        browser, url = sign_in(carol), f"{BASE}/{connection.id}"
        browser.post(f"{url}/check", {"address": "carol@example.com"})
        page = browser.get(url)
        assert page.select_one("#check-steps [hx-get]")
        assert sink.sessions == 0
        check_connection(connection.id)
        page = browser.get(f"{url}/check", headers={"HX-Request": "true"})
        assert len(page.select(".check-step-done")) == 4
        assert not page.select_one("[hx-get]")


def test_a_check_says_until_when_the_certificate_is_valid(carol, sign_in):
    connection = mail.make_connection()
    state, happened = connection.state, now()
    state.check_id, state.check_started_at, state.check_ended_at = "1", happened, happened
    details = {"version": "TLSv1.3", "subject": "mail.example.com", "expires": "2036-11-17T15:07:08+00:00"}
    step = {"step": "tls", "is_ok": True, "reply": "", "problem": None, "ms": 7, "details": details}
    state.check_steps = [step]
    page = sign_in(carol).get(f"{BASE}/{connection.id}")
    words = page.select_one(".check-step-words").get_text()
    assert words == "TLSv1.3 · mail.example.com · сертификат действует до 17 ноября 2036"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("sender_name", "Desk\r\nBcc: mallory@example.com", "guard_held"),
        ("support_address", "help@example.com\nBcc: mallory@example.com", "guard_held"),
        ("system_address", "desk@example.com>\r\nNOOP", "bad_address"),
    ],
)
def test_a_test_message_is_read_back_before_it_leaves(carol, sign_in, app, field, value, problem):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        setattr(connection, field, value)  # past the form, as an edited database or an old backup has it
        browser, url = sign_in(carol), f"{BASE}/{connection.id}"
        browser.post(f"{url}/check", {"address": "carol@example.com"})
        check_connection(connection.id)
    steps = db.session.scalar(select(ConnectionState).execution_options(populate_existing=True)).check_steps
    assert (steps[-1]["is_ok"], steps[-1]["problem"]) == (False, problem)
    assert (sink.ledger, "NOOP" in sink.lines) == ([], False)
    browser.get(url)


def test_a_check_with_redis_down_says_so_at_once(carol, sign_in, redis_server):
    connection = mail.make_connection()
    browser = sign_in(carol)
    redis.mark_failed()
    browser.post(f"{BASE}/{connection.id}/check", {"address": ""})
    state = db.session.scalar(select(ConnectionState).execution_options(populate_existing=True))
    assert state.check_steps[0]["problem"] == "doorbell_down"
    assert "Redis" in browser.get(f"{BASE}/{connection.id}").get_text()


def test_a_bad_test_address_is_said_in_the_panel(carol, sign_in):
    connection = mail.make_connection()
    page = sign_in(carol).post(
        f"{BASE}/{connection.id}/check", {"address": "nobody"}, status=422, headers={"HX-Request": "true"}
    )
    assert page.select_one("#address-error")


def test_a_banner_tells_technologists_and_support_that_parameters_are_missing(alice, bob, carol, sign_in):
    connection = mail.make_connection(is_complete=False)
    mail.create(mail.make_order(alice))
    for account in (bob, carol):
        page = sign_in(account).get(BASE)
        assert page.select_one(f".banners a[href='{BASE}/{connection.id}/sending']")


def test_users_see_no_banner(alice, sign_in):
    mail.make_connection(is_complete=False)
    assert not sign_in(alice).get("/notes").select(".banners .alert")
