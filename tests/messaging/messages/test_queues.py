"""How the queues stand: what the journal and the card of a connection say of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.messaging.messages.rows import write
from tests.support import mail
from webapp.core.clock import frozen, now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import hours, queues


@pytest.fixture
def connection(app: Flask, clock) -> MailConnection:
    """A connection, at noon in Moscow on 21 November."""
    return mail.make_connection(host="mail.example.com")


def queue_text(browser) -> str:
    return " ".join(browser.get("/deliveries").select_one("#queue").get_text(" ").split())


def test_an_empty_queue_says_so(bob, connection, sign_in):
    assert "Nothing waits" in queue_text(sign_in(bob))


def test_a_queue_says_how_many_wait_for_how_long_and_until_when(alice, bob, connection, sign_in):
    write(connection.id, 20, account=alice, age_h=3)
    write(connection.id, 4, account=alice, due_at=now() + timedelta(minutes=30), cause="server_busy")
    connection.state.per_second = 0.1
    text = queue_text(sign_in(bob))
    for words in (
        "24 messages wait",
        "3 hours ago",
        "in about 3 minutes",
        "0.1 a second",
        "4 wait for a later",
    ):
        assert words in text
    assert "in 30 minutes" in text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "not known yet: nothing was sent lately"),
        ({"per_second": 50.0}, "empty in less than a minute."),
        ({"per_second": 50.0, "most_per_minute": 2}, "about 10 minutes, because of the limit of 2 a minute."),
        (
            {"per_second": 1.0, "most_per_day": 15, "sent_today": 10, "sent_on": "today"},
            "empty tomorrow at 00:00, because of the limit of 15 a day. measured: 1 a second",
        ),
        ({"per_second": 1.0, "most_per_day": 15}, "because of the limit of 15 a day."),
        ({"most_per_day": 12, "sent_today": 7, "sent_on": "today"}, "limit: 12 a day, 5 left today"),
        ({"most_per_day": 12, "sent_today": 7, "sent_on": "before"}, "limit: 12 a day, 12 left today"),
        ({"per_second": 0.0005}, "empty today at 20:06."),
        ({"per_second": 1e-8}, "more than a year"),
        ({"per_second": 1.0, "paused_until": timedelta(minutes=125)}, "is paused until today at 11:05."),
        ({"is_enabled": False}, "does not get shorter. The mail connection is switched off."),
        ({"per_second": 1.0, "sender_name": ""}, "sending parameters are incomplete."),
    ],
)  # fmt: skip
def test_the_estimate_says_what_it_follows_from(alice, bob, connection, sign_in, settings, words):
    write(connection.id, 20, account=alice)
    days = {"today": now().date(), "before": now().date() - timedelta(days=1)}
    for name, value in settings.items():
        owner = connection if hasattr(MailConnection, name) else connection.state
        meant = now() + value if isinstance(value, timedelta) else days.get(str(value), value)
        setattr(owner, name, meant)
    browser = sign_in(bob)
    assert words in queue_text(browser)
    if "left today" not in words:
        card = " ".join(browser.get("/settings/mail/outgoing/1").get_text(" ").split())
        assert words.partition(" measured")[0] in card


def test_too_long_a_queue_is_not_counted_to_its_end(alice, bob, connection, sign_in, monkeypatch):
    monkeypatch.setattr(queues, "MOST_COUNTED", 10)
    write(connection.id, 12, account=alice)
    connection.state.per_second = 0.01
    text = queue_text(sign_in(bob))
    assert "10+ messages wait" in text
    assert "in at least" in text


def test_messages_of_a_deleted_connection_are_shown_too(alice, bob, connection, sign_in):
    write(connection.id, 2, account=alice)
    connection.is_deleted, connection.is_default = True, False
    text = queue_text(sign_in(bob))
    assert "2 messages wait" in text
    assert "was deleted" in text


def test_the_last_hours_are_counted_by_hour(alice, bob, connection, sign_in):
    other = mail.make_connection(host="second.example.com")
    at = datetime(2026, 11, 21, 12, 59, tzinfo=UTC)
    for hours_ago, number, sent, failed in [
        (0, connection.id, 2, 1), (0, connection.id, 3, 0), (0, other.id, 1, 1), (1, connection.id, 0, 2),
        (23, connection.id, 4, 0), (24, connection.id, 100, 100),
    ]:  # fmt: skip
        with frozen(at - timedelta(hours=hours_ago)):
            hours.note_tries(number, sent, failed)
    db.session.commit()
    with frozen(at):
        picture = hours.last_hours()
        page = sign_in(bob).get("/deliveries")
    found = {hour.ago: (hour.sent, hour.failed) for hour in picture.hours if hour.sent or hour.failed}
    assert found == {0: (6, 2), 1: (0, 2), 23: (4, 0)}
    assert [hour.ago for hour in picture.hours] == list(range(23, -1, -1))
    assert "sent: 10, tries that failed: 4" in page.select_one("svg.hours")["aria-label"]
    assert len(page.select("svg.hours rect")) == 25
