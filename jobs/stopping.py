"""Whether this background process was asked to stop; long jobs look at it between two steps."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import Final

# No lock, and so no threading.Event: whoever is interrupted while it holds the lock would wait for itself.
_is_requested = False
_bell: tuple[int, int] = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
_hears_signals = False
#: What a pipe holds at most.
_MOST_RINGS: Final = 65_536


def stop_on(*numbers: signal.Signals) -> None:
    """Let these signals ask for the stop. To be called in the main thread."""
    global _hears_signals  # noqa: PLW0603 - signals come to the process
    for number in numbers:
        signal.signal(number, lambda _number, _frame: request_stop())
    _hears_signals = True
    _let_signals_ring()


def request_stop() -> None:
    """Ask every job of this process to come to an end. Safe in a signal handler."""
    global _is_requested  # noqa: PLW0603 - a process is asked once, and for all of its jobs
    _is_requested = True
    with contextlib.suppress(BlockingIOError):  # it rings already
        os.write(_bell[1], b"!")


def is_requested() -> bool:
    """Whether a job should end after the step at hand."""
    return _is_requested


def wait(seconds: float) -> bool:
    """Sleep, but wake at once when the process is asked to stop; return whether it was."""
    ringing = select.poll()
    ringing.register(_bell[0], select.POLLIN)
    ends_at = time.monotonic() + seconds
    while not _is_requested and (left := ends_at - time.monotonic()) > 0:
        if ringing.poll(left * 1000) and not _is_requested:
            _silence()  # it was another signal
    return _is_requested


def forget() -> None:
    """Take the request back: for tests, which run many workers in one process."""
    global _is_requested  # noqa: PLW0603 - see above
    _is_requested = False
    _silence()


def _silence() -> None:
    with contextlib.suppress(BlockingIOError):
        os.read(_bell[0], _MOST_RINGS)


def _let_signals_ring() -> None:
    # Python calls a handler between two steps of its own; a signal that comes right before the poll would
    # not be noticed there.
    signal.set_wakeup_fd(_bell[1], warn_on_full_buffer=False)


def _take_another_bell() -> None:
    """A child would hear its parent's."""
    global _bell
    old, _bell = _bell, os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    for end in old:
        os.close(end)
    if _hears_signals:
        _let_signals_ring()


os.register_at_fork(after_in_child=_take_another_bell)
