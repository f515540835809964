"""The block Sending as a whole: who may set what, what is refused, and the way back to known values."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.messaging.mail_connections.forms import BASE, SENDING, stored
from tests.support import mail
from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.sending_rules import PRESETS, Preset, SendingRules, rules_of

RULES = {
    "charset": "koi8-r", "has_latin_headers": "y", "most_attempts": "5", "retry_pause_s": "120",
    "most_in_batch": "10", "batch_interval_s": "20", "sends_in_parts": "",
}  # fmt: skip
FORM = SENDING | RULES
SET = SendingRules("koi8-r", True, 5, 120, 10, 20, False)


def address(connection: MailConnection, page: str = "sending") -> str:
    return f"{BASE}/{connection.id}/{page}"


def test_our_own_values_are_the_default(carol, sign_in):
    connection = mail.make_connection()
    assert rules_of(stored()) == SendingRules() == PRESETS[Preset.OURS]
    carol.language = "en"
    card = sign_in(carol).get(f"{BASE}/{connection.id}").select_one("#sending").get_text(" ")
    for words in ("UTF-8", "any number, for 72 hours", "growing: 1, 5, 15, 30 minutes", "no limit"):
        assert words in card


def test_a_technologist_sets_all_of_it_and_the_card_shows_it(carol, sign_in):
    carol.language = "en"
    browser, connection = sign_in(carol), mail.make_connection()
    browser.submit(address(connection), "main form.form", FORM)
    assert rules_of(stored()) == SET
    card = browser.follow().select_one("#sending").get_text(" ")
    assert "KOI8-R" in card
    assert "120" in card
    changes = db.session.scalars(select(Event).order_by(Event.id.desc())).first().changes
    assert changes["retry_pause_s"] == {"before": None, "after": 120}


def test_an_empty_number_is_none(carol, sign_in):
    browser, connection = sign_in(carol), mail.make_connection()
    browser.post(address(connection), FORM | {"version": "1"})
    empty = dict.fromkeys(("most_attempts", "retry_pause_s", "most_in_batch", "batch_interval_s"), " ")
    browser.post(address(connection), FORM | empty | {"version": "2"})
    assert rules_of(stored()) == SendingRules("koi8-r", has_latin_headers=True, sends_in_parts=False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("charset", "utf-16"), ("charset", "rot13"), ("charset", ""), ("most_attempts", "0"),
        ("most_attempts", "101"), ("most_attempts", "many"), ("retry_pause_s", "0"),
        ("retry_pause_s", "86401"), ("retry_pause_s", "1.5"), ("most_in_batch", "0"),
        ("most_in_batch", "401"), ("most_in_batch", "-1"), ("batch_interval_s", "0"),
        ("batch_interval_s", "3601"), ("batch_interval_s", "99999999999999999999"),
    ],
)  # fmt: skip
def test_a_bad_value_is_said_beside_its_field_and_the_rest_is_kept(carol, sign_in, field, value):
    connection = mail.make_connection()
    page = sign_in(carol).post(address(connection), FORM | {"version": "1", field: value}, status=422)
    assert page.select_one(f"#{field}-error")
    assert page.select_one("#sender_name")["value"] == SENDING["sender_name"]
    kept = "most_attempts" if field != "most_attempts" else "retry_pause_s"
    assert page.select_one(f"#{kept}")["value"] == FORM[kept]
    assert stored().version == 1


def test_an_interval_needs_a_size_of_batches(carol, sign_in):
    connection = mail.make_connection()
    form = FORM | {"version": "1", "most_in_batch": ""}
    assert sign_in(carol).post(address(connection), form, status=422).select_one("#batch_interval_s-error")


def test_support_sees_all_of_it_and_changes_names_and_addresses_alone(bob, sign_in):
    browser, connection = sign_in(bob), mail.make_connection()
    form = browser.get(address(connection))
    assert not form.select("#charset, #most_attempts, #sends_in_parts")
    assert not browser.get(f"{BASE}/{connection.id}").select("#sending a[href$='/restore']")
    browser.post(address(connection), FORM | {"version": "1"})
    assert stored().sender_name == SENDING["sender_name"]
    assert rules_of(stored()) == SendingRules()
    browser.get(address(connection, "sending/restore"), status=403)
    browser.post(address(connection, "sending/restore"), {"preset": "original", "version": "2"}, status=403)


def test_mallory_is_refused(mallory, sign_in):
    browser, connection = sign_in(mallory), mail.make_connection()
    for page in ("sending", "sending/restore"):
        browser.get(address(connection, page), status=403)
        browser.post(address(connection, page), FORM | {"version": "1", "preset": "ours"}, status=403)
    assert stored().version == 1


def test_restoring_shows_what_would_change_and_keeps_names_and_addresses(carol, sign_in):
    carol.language = "en"
    browser, connection = sign_in(carol), mail.make_connection()
    browser.post(address(connection), FORM | {"version": "1"})
    page = browser.get(address(connection, "sending/restore"))
    ours, original = page.select("main section.card")
    assert "KOI8-R UTF-8" in " ".join(ours.get_text(" ").split())
    assert "Pause between attempts" in ours.get_text()
    assert "Pause between attempts" not in original.get_text(), "it is that of the original already"
    assert rules_of(stored()) == SET, "to look changes nothing"
    browser.submit(address(connection, "sending/restore"), "main form.form", {"preset": "ours"})
    assert rules_of(stored()) == SendingRules()
    assert stored().sender_name == SENDING["sender_name"]
    assert "nothing would change" in browser.get(address(connection, "sending/restore")).get_text()


def test_the_values_of_the_original_are_a_choice(carol, sign_in):
    browser, connection = sign_in(carol), mail.make_connection()
    browser.submit(address(connection, "sending/restore"), "main form.form", {"preset": "original"})
    found = stored()
    assert (found.most_attempts, found.retry_pause_s, found.most_in_batch, found.batch_interval_s) == (
        5,
        120,
        10,
        20,
    )
    assert not found.sends_in_parts


@pytest.mark.parametrize("preset", ["", "theirs"])
def test_a_preset_that_is_not_offered_is_refused_beside_the_choice(carol, sign_in, preset):
    connection = mail.make_connection()
    data = {"preset": preset, "version": "1"}
    page = sign_in(carol).post(address(connection, "sending/restore"), data, status=422)
    assert page.select_one("#preset-error")


def test_restoring_what_somebody_changed_meanwhile_is_shown_anew_first(carol, sign_in):
    browser, connection = sign_in(carol), mail.make_connection()
    browser.post(address(connection), FORM | {"version": "1"})
    url = address(connection, "sending/restore")
    page = browser.post(url, {"preset": "ours", "version": "1"}, status=409)
    assert rules_of(stored()) == SET
    browser.post(url, {"preset": "ours", "version": page.select_one("#version")["value"]})
    assert rules_of(stored()) == SendingRules()


def test_a_second_editor_sees_the_rules_that_were_saved(carol, sign_in):
    carol.language = "en"
    browser, connection = sign_in(carol), mail.make_connection()
    browser.post(address(connection), FORM | {"version": "1"})
    page = browser.post(address(connection), FORM | {"most_attempts": "7", "version": "1"}, status=409)
    assert "KOI8-R" in page.select_one(".alert").get_text()
    assert page.select_one("#most_attempts")["value"] == "7"
