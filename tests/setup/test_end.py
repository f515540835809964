"""`vestnik run` is asked to end, or loses a process, or is killed: nothing is left behind."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import at_most
from tests.support.processes import RunningProgram
from webapp.launcher.browser import wait_until
from webapp.launcher.environment import is_answering

pytestmark = [pytest.mark.process]

STARTS_WITHIN_S = 60.0
PROCESSES = ("vestnik redis", "webapp.app:create_app()", "vestnik worker", "vestnik mailer", "vestnik clock")


@pytest.fixture(scope="module")
def instance() -> Iterator[Path]:
    """One instance for all: however a program ended, the next one starts in it and prepares nothing."""
    with tempfile.TemporaryDirectory(prefix="vestnik-") as folder:
        yield Path(folder) / "instance"


@pytest.fixture
def program(instance: Path) -> Iterator[RunningProgram]:
    """A program that was told to start, without demo data."""
    program = RunningProgram(DEMO="0", VESTNIK_INSTANCE=str(instance))
    program.instance = instance
    try:
        program.launch()
        yield program
    finally:
        program.remove()


@pytest.fixture
def running(program: RunningProgram) -> RunningProgram:
    """The program with all its processes, which serves pages."""
    wait_until(lambda: all(map(program.numbers_of, PROCESSES)), "all processes", STARTS_WITHIN_S)
    wait_until(lambda: is_answering(program.address), "the first page", STARTS_WITHIN_S)
    return program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_leaves_nothing_behind(running: RunningProgram, number: signal.Signals) -> None:
    assert running.stop(number) == 0
    assert running.process_numbers() == []
    assert "Traceback" not in running.output


def test_ctrl_c_in_the_first_moment_leaves_nothing_behind(program: RunningProgram) -> None:
    wait_until(lambda: program.numbers_of("vestnik redis"), "the first process", STARTS_WITHIN_S)
    program.stop(signal.SIGINT)
    assert program.process_numbers() == []


def test_a_process_that_hangs_is_killed(running: RunningProgram) -> None:
    (clock,) = running.numbers_of("vestnik clock")
    os.kill(clock, signal.SIGSTOP)
    started = time.monotonic()
    running.stop(signal.SIGINT)
    assert time.monotonic() - started < at_most(12)
    assert running.process_numbers() == []


def test_one_process_that_ends_ends_all_and_is_named(running: RunningProgram) -> None:
    os.kill(running.numbers_of("vestnik worker")[0], signal.SIGKILL)
    assert running.process is not None
    assert running.process.wait(60) != 0
    assert "worker ended by itself" in running.output
    assert running.process_numbers() == []


def test_a_launcher_that_was_killed_leaves_nothing_behind(running: RunningProgram) -> None:
    assert running.process is not None
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not running.process_numbers(), "the end of the last process", 60)
