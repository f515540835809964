"""How often a connection is checked: a button that is pressed again and again troubles no mail server."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from sqlalchemy import select

from jobs.check_connection import check_connection
from tests.support import mail, people
from tests.support.smtp_sink import SmtpSink
from webapp.core import job_queue
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.mail_connections.models import ConnectionState
from webapp.people.accounts.models import Role

HTMX = {"HX-Request": "true"}
FOR_ONE_CONNECTION, FOR_ONE_PERSON = 5, 10
A_WEEK_S = 7 * 24 * 3600


@pytest.fixture
def browser(carol, sign_in):
    carol.language = "en"
    return sign_in(carol)


def address(connection) -> str:
    return f"/settings/mail/outgoing/{connection.id}/check"


def press(browser, url: str, times: int = 1, to: str = "") -> Counter[int]:
    """Press the button so often; returns how often each status was the answer."""
    db.session.commit()
    data = {"csrf_token": browser.csrf_token(), "address": to}
    return Counter(browser.client.post(url, data=data).status_code for _ in range(times))


def started() -> str | None:
    db.session.rollback()
    return db.session.scalar(select(ConnectionState.check_id))


def test_fifty_presses_in_a_row_make_few_sessions_with_the_server(browser):
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        number, url = connection.id, address(connection)
        db.session.commit()
        data = {"csrf_token": browser.csrf_token(), "address": ""}
        answers: Counter[int] = Counter()
        for _ in range(50):
            answers[browser.client.post(url, data=data).status_code] += 1
            check_connection(number)
    assert answers == {303: FOR_ONE_CONNECTION, 429: 50 - FOR_ONE_CONNECTION}
    assert sink.sessions == FOR_ONE_CONNECTION


def test_a_refused_press_leaves_the_check_before_as_it_is(browser):
    url = address(mail.make_connection())
    press(browser, url, FOR_ONE_CONNECTION)
    before = (started(), job_queue.count_waiting(JobName.CHECK_CONNECTION))
    assert press(browser, url, 3) == {429: 3}
    assert (started(), job_queue.count_waiting(JobName.CHECK_CONNECTION)) == before


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_beside_the_button_stands_how_long_to_wait_and_the_address_stays(browser, headers):
    url = address(mail.make_connection())
    press(browser, url, FOR_ONE_CONNECTION)
    page = browser.post(url, {"address": "someone@example.com"}, status=429, headers=headers)
    wait_s = int(browser.response.headers["Retry-After"])
    assert 0 < wait_s < 65
    line = page.select_one("#check .row-line").get_text(" ", strip=True)
    assert "Not checked" in line
    assert f"again in {wait_s} second" in line
    assert page.select_one("#address")["value"] == "someone@example.com"
    assert bool(page.select("h1")) == (headers == {})


def test_after_the_time_that_was_named_it_is_checked_again(browser, monkeypatch):
    url = address(mail.make_connection())
    monkeypatch.setattr("limits.limits.RateLimitItemPerMinute.GRANULARITY", per_seconds(3))
    press(browser, url, FOR_ONE_CONNECTION)
    browser.post(url, status=429)
    time.sleep(int(browser.response.headers["Retry-After"]) + 0.3)
    assert press(browser, url) == {303: 1}


def per_seconds(seconds: int):
    """A minute of another length."""
    from limits.limits import Granularity

    return Granularity(seconds, "minute")


def test_one_person_checks_many_connections_but_not_all_the_time(browser):
    urls = [address(mail.make_connection()) for _ in range(FOR_ONE_PERSON + 2)]
    answers = [press(browser, url) for url in urls]
    assert answers == [{303: 1}] * FOR_ONE_PERSON + [{429: 1}] * 2


def test_two_technologists_together_check_one_connection_no_more_often(browser, sign_in):
    other = sign_in(people.make_account("Dora Target", role=Role.TECHNOLOGIST))
    url, another = address(mail.make_connection()), address(mail.make_connection())
    assert press(browser, url, FOR_ONE_CONNECTION) == {303: FOR_ONE_CONNECTION}
    assert press(other, url) == {429: 1}
    assert press(other, another) == {303: 1}


def test_mallory_uses_nothing_up(browser, mallory, bob, sign_in):
    url = address(mail.make_connection())
    for stranger in (sign_in(mallory), sign_in(bob)):
        assert press(stranger, url, 20) == {403: 20}
    assert press(browser, url) == {303: 1}


def test_while_redis_is_down_it_is_counted_all_the_same(app, browser, redis_server, monkeypatch):
    # Each press looks for Redis in vain, on a slow machine so long that a real minute would move on.
    monkeypatch.setattr("limits.limits.RateLimitItemPerMinute.GRANULARITY", per_seconds(A_WEEK_S))
    url = address(mail.make_connection())
    redis_server.stop()
    try:
        assert press(browser, url, 12) == {303: FOR_ONE_CONNECTION, 429: 12 - FOR_ONE_CONNECTION}
        page = browser.get(url.removesuffix("/check"))
        assert "the queue of background work (Redis) does not answer" in page.get_text()
    finally:
        redis_server.start()
        redis_server.welcome_back(app)
