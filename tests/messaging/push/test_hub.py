"""Who wakes which stream."""

from __future__ import annotations

import threading
import time

import pytest

from webapp.messaging.push.bus import NOTES_CHANNEL
from webapp.messaging.push.hub import HEARTBEAT_S, MOST_PER_SESSION, POLL_S, Hub, OpenStream
from webapp.people.accounts.services.sessions import SESSION_ENDED

pytestmark = pytest.mark.pure


@pytest.fixture
def hub() -> Hub:
    return Hub(lambda _hub: None)


def open_stream(hub: Hub, account_id: int = 1, session_id: int = 1) -> OpenStream:
    stream = hub.open(account_id, session_id)
    assert stream is not None
    return stream


def is_woken(stream: OpenStream) -> bool:
    """Whether its wait ends before its time; one that was not woken waits for nothing here."""
    is_due, patience_s = stream._is_due, 5.0
    started = time.monotonic()
    stream.wait(patience_s if is_due else 0.0)
    return is_due and time.monotonic() - started < patience_s


def test_word_about_a_person_wakes_all_streams_of_that_person(hub):
    first, second, other = open_stream(hub, 1, 1), open_stream(hub, 1, 2), open_stream(hub, 2, 3)
    hub.hear(NOTES_CHANNEL, "1")
    assert (is_woken(first), is_woken(second), is_woken(other)) == (True, True, False)


def test_ended_session_wakes_its_own_streams_only(hub):
    ended, other = open_stream(hub, 1, 1), open_stream(hub, 1, 2)
    hub.hear(SESSION_ENDED, "1")
    assert (is_woken(ended), is_woken(other)) == (True, False)


@pytest.mark.parametrize("word", ["", "x", "-1", "1.5", "１", "1 OR 1=1"])
def test_word_that_makes_no_sense_wakes_nobody(hub, word):
    stream = open_stream(hub)
    hub.hear(NOTES_CHANNEL, word)
    assert not is_woken(stream)


def test_many_wake_ups_of_a_busy_stream_become_one(hub):
    stream = open_stream(hub)
    for _ in range(1000):
        hub.hear(NOTES_CHANNEL, "1")
    assert is_woken(stream)
    assert not is_woken(stream)


def test_wake_up_reaches_a_stream_that_waits_in_another_thread(hub):
    stream = open_stream(hub)
    woken = threading.Event()
    waiter = threading.Thread(target=lambda: (stream.wait(5), woken.set()))
    waiter.start()
    hub.hear(NOTES_CHANNEL, "1")
    assert woken.wait(1)
    waiter.join()


def test_stream_too_many_of_a_session_ends_the_oldest(hub):
    streams = [open_stream(hub) for _ in range(MOST_PER_SESSION + 1)]
    open_stream(hub, 1, 2)
    assert [stream.is_ended for stream in streams] == [True] + [False] * MOST_PER_SESSION
    assert streams[0].is_over, "its page must not come back and end the next one"


def test_full_process_has_no_room_for_another_stream():
    hub = Hub(lambda _hub: None, most=2)
    first = hub.open(1, 1)
    assert first
    assert hub.open(2, 2)
    assert hub.open(3, 3) is None
    hub.close(first)
    assert hub.open(3, 3)


def test_streams_wait_less_while_the_bus_is_not_heard(hub):
    assert hub.patience == POLL_S
    hub.set_hearing(is_hearing=True)
    assert hub.patience == HEARTBEAT_S


def test_everybody_looks_when_the_bus_is_lost_and_when_it_is_back(hub):
    stream = open_stream(hub)
    hub.set_hearing(is_hearing=True)
    assert is_woken(stream)
    hub.set_hearing(is_hearing=True)
    assert not is_woken(stream)
    hub.set_hearing(is_hearing=False)
    assert is_woken(stream)


def test_page_comes_back_after_the_process_has_stopped(hub):
    stream = open_stream(hub)
    hub.look_up()
    assert not stream.is_ended
    hub.is_stopping = True
    hub.look_up()
    assert stream.is_ended
    assert not stream.is_over


def test_listening_begins_with_the_first_stream_and_once(hub):
    started = []
    hub = Hub(started.append)
    assert started == []
    for _ in range(3):
        open_stream(hub)
    deadline = time.monotonic() + 1
    while not started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert started == [hub]
