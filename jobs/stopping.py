"""Whether this background process was asked to stop; long jobs look at it between two steps."""

from __future__ import annotations

import threading

_requested = threading.Event()


def request_stop() -> None:
    """Ask every job of this process to come to an end. Safe in a signal handler: it only sets an event."""
    _requested.set()


def is_requested() -> bool:
    """Whether a job should end after the step at hand."""
    return _requested.is_set()


def wait(seconds: float) -> bool:
    """Sleep, but wake at once when the process is asked to stop; return whether it was."""
    return _requested.wait(seconds)


def forget() -> None:
    """Take the request back: for tests, which run many workers in one process."""
    _requested.clear()
