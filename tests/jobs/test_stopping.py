"""A wish to stop is heard at whatever moment it comes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from jobs import stopping
from tests.support.patience import at_most
from webapp.core.config import PROJECT_ROOT

#: Each wait is interrupted by a signal somewhere between its first step and its last.
INTERRUPTED = """
import random, signal
from jobs import stopping
stopping.stop_on(signal.SIGALRM)
for _ in range(5_000):
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 4e-5))
    assert stopping.wait(20)
    stopping.forget()
print("alive")
"""


@pytest.fixture(autouse=True)
def _go_on() -> Iterator[None]:
    stopping.forget()
    yield
    stopping.forget()


def test_a_signal_that_comes_in_the_middle_of_a_wait_does_not_wait_for_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=at_most(60), check=False,
    )  # fmt: skip
    assert done.stdout == "alive\n", done.stderr


def test_whoever_sleeps_is_woken_at_once() -> None:
    threading.Timer(0.1, stopping.request_stop).start()
    started = time.monotonic()
    assert stopping.wait(30)
    assert time.monotonic() - started < at_most(5)
    assert stopping.wait(30)
    assert stopping.is_requested()


def test_another_signal_ends_no_wait() -> None:
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    stopping.stop_on()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        started = time.monotonic()
        assert not stopping.wait(0.3)
        assert time.monotonic() - started >= 0.3
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.set_wakeup_fd(-1)


def test_a_request_that_was_taken_back_wakes_nobody() -> None:
    for _ in range(3):
        stopping.request_stop()
    stopping.forget()
    assert not stopping.wait(0.05)
    assert not stopping.is_requested()
