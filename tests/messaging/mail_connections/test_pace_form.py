"""The pace of a connection: who may set it, what is refused, and that nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.messaging.mail_connections.forms import stored
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.mail_connections.models import MailConnection

FORM = {"sending_mode": "bulk", "most_sessions": "4", "most_per_minute": "300", "most_per_day": "5000"}


def address(connection: MailConnection) -> str:
    return f"/settings/mail/outgoing/{connection.id}/pace"


def test_a_technologist_sets_the_pace_and_the_card_shows_it(carol, sign_in):
    carol.language = "en"
    url = address(mail.make_connection())
    browser = sign_in(carol)
    browser.submit(url, "main form.form", FORM)
    pace = stored()
    assert (pace.sending_mode, pace.most_sessions, pace.most_per_minute, pace.most_per_day) == (
        "bulk", 4, 300, 5000,
    )  # fmt: skip
    card = browser.follow().select_one("#pace").get_text(" ")
    assert "Bulk" in card
    assert "5,000" in card
    changes = db.session.scalars(select(Event).order_by(Event.id.desc())).first().changes
    assert changes["most_per_day"] == {"before": None, "after": 5000}


def test_an_empty_limit_is_no_limit(carol, sign_in):
    browser, url = sign_in(carol), address(mail.make_connection())
    browser.post(url, FORM | {"version": "1"})
    browser.post(url, FORM | {"version": "2", "most_per_minute": "", "most_per_day": " "})
    assert (stored().most_per_minute, stored().most_per_day) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sending_mode", "reckless"), ("sending_mode", ""), ("most_sessions", ""), ("most_sessions", "0"),
        ("most_sessions", "11"), ("most_sessions", "two"), ("most_per_minute", "0"),
        ("most_per_minute", "-5"), ("most_per_minute", "100001"), ("most_per_minute", "1.5"),
        ("most_per_day", "0"), ("most_per_day", "99999999999999999999"), ("most_per_day", "many"),
    ],
)  # fmt: skip
def test_a_bad_value_is_said_beside_its_field_and_the_rest_is_kept(carol, sign_in, field, value):
    connection = mail.make_connection()
    page = sign_in(carol).post(address(connection), FORM | {"version": "1", field: value}, status=422)
    assert page.select_one(f"#{field}-error")
    kept = "most_per_day" if field != "most_per_day" else "most_sessions"
    assert page.select_one(f"#{kept}")["value"] == FORM[kept]
    assert stored().version == 1


def test_a_second_editor_sees_what_was_saved_and_loses_nothing_typed(carol, sign_in):
    browser, url = sign_in(carol), address(mail.make_connection())
    browser.post(url, FORM | {"version": "1"})
    page = browser.post(url, FORM | {"most_sessions": "7", "version": "1"}, status=409)
    assert page.select_one("#most_sessions")["value"] == "7"
    assert stored().most_sessions == 4
    browser.post(url, FORM | {"most_sessions": "7", "version": page.select_one("#version")["value"]})
    assert stored().most_sessions == 7


def test_another_pace_does_not_end_a_pause(carol, sign_in):
    connection = mail.make_connection()
    connection.state.paused_until, connection.state.failures = now() + timedelta(minutes=15), 3
    db.session.commit()
    sign_in(carol).post(address(connection), FORM | {"version": "1"})
    assert stored().state.failures == 3
    assert stored().state.paused_until > now()


def test_support_sees_the_pace_and_may_not_change_it(bob, sign_in):
    connection = mail.make_connection()
    browser, url = sign_in(bob), address(connection)
    page = browser.get(f"/settings/mail/outgoing/{connection.id}")
    assert page.select_one("#pace")
    assert not page.select("#pace a")
    browser.get(url, status=403)
    browser.post(url, FORM | {"version": "1"}, status=403)
    assert stored().sending_mode == "careful"


def test_mallory_is_refused(mallory, sign_in):
    url = address(mail.make_connection())
    browser = sign_in(mallory)
    browser.get(url, status=403)
    browser.post(url, FORM | {"version": "1"}, status=403)
    assert stored().version == 1
