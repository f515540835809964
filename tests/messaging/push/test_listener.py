"""The ear of a web process, at a real Redis that dies, hangs and comes back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from redis import Redis

from tests.support.redis_server import RedisServer
from webapp.messaging.push import listener
from webapp.messaging.push.bus import NOTES_CHANNEL
from webapp.people.accounts.services.sessions import SESSION_ENDED

pytestmark = [pytest.mark.pure, pytest.mark.faults]


class Ear:
    """Keeps what was heard."""

    def __init__(self) -> None:
        self.is_hearing = False
        self.words: list[tuple[str, str]] = []
        self.looks = 0

    def hear(self, channel: str, payload: str) -> None:
        self.words.append((channel, payload))

    def set_hearing(self, *, is_hearing: bool) -> None:
        self.is_hearing = is_hearing

    def look_up(self) -> None:
        self.looks += 1


def wait_until(is_true: Callable[[], object], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


@pytest.fixture
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def ear(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    for name in ("LOOK_UP_S", "PING_AFTER_S", "DEAF_AFTER_S", "LONGEST_PAUSE_S"):
        monkeypatch.setattr(listener, name, getattr(listener, name) / 10)
    ear = Ear()
    ends = threading.Event()

    def connect() -> Redis:
        if ends.is_set():
            raise SystemExit
        return Redis.from_url(server.url)

    def listen() -> None:
        with suppress(SystemExit):
            listener.listen_for_ever(connect, ear)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    wait_until(lambda: ear.is_hearing)
    yield ear
    ends.set()
    server.stop()
    thread.join(5)


def publish(server: RedisServer, channel: str, word: str) -> int:
    with Redis.from_url(server.url) as client:
        return client.publish(channel, word)


def test_words_of_both_channels_are_handed_on(server, ear):
    publish(server, NOTES_CHANNEL, "7")
    publish(server, SESSION_ENDED, "8")
    wait_until(lambda: len(ear.words) == 2)
    assert ear.words == [(NOTES_CHANNEL, "7"), (SESSION_ENDED, "8")]


def test_dead_redis_is_noticed_at_once_and_heard_again_when_it_is_back(server, ear):
    server.stop()
    wait_until(lambda: not ear.is_hearing, 2)
    server.start()
    wait_until(lambda: ear.is_hearing)
    publish(server, NOTES_CHANNEL, "7")
    wait_until(lambda: ear.words)


def test_other_things_are_seen_to_without_a_bus_too(server, ear):
    wait_until(lambda: ear.looks)
    server.stop()
    wait_until(lambda: not ear.is_hearing, 2)
    looks = ear.looks
    wait_until(lambda: ear.looks > looks)


def test_hanging_redis_is_noticed(server, ear):
    assert server.process
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: not ear.is_hearing, 3)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    wait_until(lambda: ear.is_hearing)


def test_quiet_redis_stays_heard(ear):
    started = time.monotonic()
    while time.monotonic() - started < listener.DEAF_AFTER_S * 2.5:
        assert ear.is_hearing
        time.sleep(0.02)
