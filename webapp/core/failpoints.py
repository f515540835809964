"""Named points of the program at which a test may kill, stop, delay or break it; off, they cost nothing."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, has_request_context
from sqlalchemy import event
from sqlalchemy.orm import Session

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
    if action.partition("=")[0] not in {"kill", "stop", "term", "sleep", "raise", "eio"}:
        raise ValueError(f"FAILPOINT: {action!r} is none of kill, stop, term, sleep, raise, eio")
    return _Order(name, int(nth), action)


_order = _read(os.environ.get("FAILPOINT", ""))
_passed: Counter[str] = Counter()
_tell: Callable[[str], object] = str


def arm(value: str, tell: Callable[[str], object] = str) -> None:
    """Do in this process what ``FAILPOINT=value`` does at its start; ``tell`` hears the name just before.

    Raises ValueError when the value cannot be understood.
    """
    global _order, _tell
    _order, _tell = _read(value), tell
    _passed.clear()


def failpoint(name: str) -> None:
    """Pass the point; does nothing unless the environment names it.

    Raises FailpointReached or OSError when the environment asks for it.
    """
    if _order is None or _order.name != name:
        return
    _passed[name] += 1
    if _passed[name] == _order.nth:
        _tell(name)
        _act(_order)


def is_armed() -> bool:
    """Whether this process was asked to do something at any point."""
    return _order is not None


def init_app(app: Flask) -> None:
    """Pass the points of a request: around its commits, and when nothing of its answer has left."""
    if _order is not None:
        app.after_request(_pass_before_answer)
        event.listen(Session, "before_commit", lambda session: _pass_commit("web.before_commit", session))
        # First, because the actions after a commit ring, and the point is before that.
        event.listen(
            Session, "after_commit", lambda session: _pass_commit("web.after_commit", session), insert=True
        )


def _pass_before_answer(response: Response) -> Response:
    failpoint("before_answer")
    return response


def _pass_commit(name: str, session: Session) -> None:
    # The end of a savepoint is no commit, though it is announced as one.
    if has_request_context() and not session.in_nested_transaction():
        failpoint(name)


def _act(order: _Order) -> None:
    action, _, amount = order.action.partition("=")
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "term":
        os.kill(os.getpid(), signal.SIGTERM)
    elif action == "sleep":
        time.sleep(float(amount or SLEEP_S))
    elif action == "eio":
        raise OSError(errno.EIO, f"failpoint {order.name}")
    else:
        raise FailpointReached(order.name)
