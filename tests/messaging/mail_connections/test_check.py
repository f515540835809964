"""The check of a mail connection: step by step, in the background, and read back like any other mail."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jobs.check_connection import check_connection
from tests.messaging.mail_connections.forms import BASE
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core import redis
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import ConnectionState


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
