"""Named points of the program at which a test may kill, stop, delay or break it; off, they cost nothing."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass

from flask import Flask, Response

SLEEP_S = 5.0


class FailpointReached(RuntimeError):
    """A test asked for a failure at this point."""


@dataclass(frozen=True)
class _Order:
    """What ``FAILPOINT=name:n:action`` asks for: at the nth passing of the point, do it."""

    name: str
    nth: int
    action: str


def _read(value: str) -> _Order | None:
    """Read the variable. Raises ValueError when it cannot be understood."""
    if not value:
        return None
    name, nth, action = value.split(":")
    if action.partition("=")[0] not in {"kill", "stop", "sleep", "raise", "eio"}:
        raise ValueError(f"FAILPOINT: {action!r} is none of kill, stop, sleep, raise, eio")
    return _Order(name, int(nth), action)


_order = _read(os.environ.get("FAILPOINT", ""))
_passed: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Pass the point; does nothing unless the environment names it.

    Raises FailpointReached or OSError when the environment asks for it.
    """
    if _order is None or _order.name != name:
        return
    _passed[name] += 1
    if _passed[name] == _order.nth:
        _act(_order)


def init_app(app: Flask) -> None:
    """Pass ``before_answer`` when a request is done and nothing of its answer has left."""
    if _order is not None:
        app.after_request(_pass_before_answer)


def _pass_before_answer(response: Response) -> Response:
    failpoint("before_answer")
    return response


def _act(order: _Order) -> None:
    action, _, amount = order.action.partition("=")
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "sleep":
        time.sleep(float(amount or SLEEP_S))
    elif action == "eio":
        raise OSError(errno.EIO, f"failpoint {order.name}")
    else:
        raise FailpointReached(order.name)
