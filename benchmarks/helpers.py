"""Starts helping processes, lets them go at one moment, and waits until the last has ended."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp.core.processes import end_with_parent

ROOT = Path(__file__).resolve().parents[1]
READY = "ready\n"
LONGEST_S = 900.0


class HelperFailed(Exception):
    """A helping process ended without doing its work; the message holds its last words."""


@dataclass(frozen=True)
class Spent:
    """How long a piece of work took, and for how long each process was busy with it, in seconds."""

    wall_s: float
    busy_s: tuple[float, ...]


def run_together(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> Spent:
    """Run the commands at once; the time counts from when all were ready. Raises HelperFailed."""
    helpers = [_start(command, environment) for command in commands]
    # One that waits for ever would never say so.
    patience = threading.Timer(LONGEST_S, _end, (helpers,))
    patience.start()
    try:
        for helper in helpers:
            if _line(helper) != READY:
                raise HelperFailed(_last_words(helper))
        began = time.monotonic()
        for helper in helpers:
            _go(helper)
        answers = [_answer(helper) for helper in helpers]
    finally:
        patience.cancel()
        _end(helpers)
    ended_at = max(answer["ended_at"] for answer in answers)
    return Spent(ended_at - began, tuple(answer["busy_s"] for answer in answers))


def python(module: str, *words: str) -> list[str]:
    """Return the command that runs one of our modules in this environment's Python."""
    return [sys.executable, "-W", "ignore", "-m", module, *words]


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(environment),
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - it only speaks to the kernel
    )


def _end(helpers: Sequence[subprocess.Popen[str]]) -> None:
    for helper in helpers:
        helper.kill()
        helper.wait()


def _go(helper: subprocess.Popen[str]) -> None:
    if helper.stdin:
        helper.stdin.write("go\n")
        helper.stdin.flush()


def _line(helper: subprocess.Popen[str]) -> str:
    return helper.stdout.readline() if helper.stdout else ""


def _answer(helper: subprocess.Popen[str]) -> dict[str, float]:
    line = _line(helper)
    if not line:
        raise HelperFailed(_last_words(helper))
    answer: dict[str, float] = json.loads(line)
    return answer


def _last_words(helper: subprocess.Popen[str]) -> str:
    helper.kill()
    return helper.communicate()[1][-2000:]
