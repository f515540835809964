"""The live stream when Redis, the network or the server itself goes away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.messaging.push import quick
from tests.messaging.push.conftest import GRACEFUL_S, Desk
from tests.messaging.push.test_live import tell_and_publish, titles, toasts, wait_until_heard
from tests.support import people
from tests.support.patience import at_most
from webapp.core.db import db
from webapp.launcher.browser import wait_until
from webapp.messaging.push import hub
from webapp.messaging.push.stream import RECONNECT_WITHOUT_ROOM_MS
from webapp.people.accounts import services as account_services

pytestmark = [pytest.mark.process, pytest.mark.faults, pytest.mark.timeout(120)]
#: The state of a socket that waits for connections, in /proc/net/tcp.
LISTENS = "0A"


@pytest.fixture
def without_redis(desk: Desk) -> Iterator[None]:
    desk.redis.stop()
    yield
    desk.redis.start()


def test_note_arrives_by_polling_while_redis_is_dead(desk):
    alice = desk.make_person()
    page = desk.open_page(people.make_session(alice))
    wait_until_heard(desk, page, alice)
    before = len(page.states)
    desk.redis.stop()
    try:
        tell_and_publish(alice, "Ticket #9: In progress", subject=9)
        page.wait_for(lambda client: len(client.states) > before, seconds=quick.POLL_S + 3)
        assert toasts(page.states[-1].data) == ["Ticket #9: In progress"]
    finally:
        desk.redis.start()
    wait_until_heard(desk, page, alice)


def test_page_that_comes_while_redis_is_dead_gets_its_state_at_once(desk, without_redis):
    alice = desk.make_person()
    tell_and_publish(alice, "Ticket #9: In progress")
    page = desk.open_page(people.make_session(alice))
    assert titles(page.states[0].data) == ["Ticket #9: In progress"]


def test_sign_out_ends_the_stream_while_redis_is_dead(desk, without_redis):
    alice = desk.make_person()
    page = desk.open_page(people.make_session(alice))
    account_services.sessions.end_all_sessions(alice)
    db.session.commit()
    page.wait_for(lambda client: client.is_closed, seconds=quick.POLL_S + 3)
    assert page.events[-1].name == "over"


def test_stream_is_heard_again_after_redis_was_wiped_and_came_back(desk):
    alice = desk.make_person()
    page = desk.open_page(people.make_session(alice))
    desk.redis.stop()
    desk.redis.start()
    desk.redis.flush()
    wait_until_heard(desk, page, alice)


def test_restart_of_the_server_loses_nothing(desk):
    alice = desk.make_person()
    token = people.make_session(alice)
    page = desk.open_page(token)
    started = time.monotonic()
    desk.stop()
    assert time.monotonic() - started < GRACEFUL_S, "an open page must not hold up the end"
    page.wait_for(lambda client: client.is_closed, seconds=at_most(1))
    assert page.events[-1].name != "over", "the page must come back"
    tell_and_publish(alice, "Ticket #9: In progress")
    desk.start()
    again = desk.open_page(token, since=page.states[-1].event_id)
    assert toasts(again.states[0].data) == ["Ticket #9: In progress"]


def test_full_server_still_serves_pages_and_lets_the_others_come_back(desk, monkeypatch):
    monkeypatch.setitem(desk.environment, "WEB_THREADS", "8")
    monkeypatch.setitem(desk.environment, "WEB_CONNECTIONS", "8")
    desk.stop()
    desk.start()
    for _ in range(6):
        desk.open_page(people.make_session(desk.make_person()))
    alice = desk.make_person()
    tell_and_publish(alice, "Ticket #9: In progress")
    page = desk.open_page(people.make_session(alice))
    assert titles(page.states[0].data) == ["Ticket #9: In progress"]
    page.wait_for(lambda client: client.is_closed, seconds=at_most(1))
    assert page.retry_ms == RECONNECT_WITHOUT_ROOM_MS
    monkeypatch.undo()
    desk.stop()
    desk.start()


def test_closed_page_gives_its_place_back(desk):
    alice = desk.make_person()
    token = people.make_session(alice)
    pages = [desk.open_page(token) for _ in range(hub.MOST_PER_SESSION)]
    for page in pages[1:]:
        page.close()

    def is_noticed() -> bool:
        tell_and_publish(alice)  # a vanished page is noticed when something is written to it
        # More than once: a list that changes while it is read may lack a line.
        return all(count_of_sockets(desk.port) == 1 for _look in range(3))

    wait_until(is_noticed, "the end of the other streams", 20)
    for _ in range(hub.MOST_PER_SESSION - 1):
        desk.open_page(token)
    assert not pages[0].is_closed


def count_of_sockets(port: int) -> int:
    """Return how many connections to the port its server still holds."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    of_server = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] != LISTENS]
    return sum(row[9] != "0" for row in of_server)
