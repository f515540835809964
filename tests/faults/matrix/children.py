"""Processes forked from the warm one: real ones, which can be killed, stopped and waited for."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from jobs import stopping
from webapp.core import failpoints
from webapp.core.processes import end_with_parent


class Child:
    """One process that runs ``work`` and ends; ``order`` is its FAILPOINT."""

    def __init__(self, folder: Path, work: Callable[[], None], order: str = "") -> None:
        self.log = folder / "log.txt"
        self._reached = folder / f"reached-{time.monotonic_ns()}"
        self.code: int | None = None
        self.is_stopped = False
        self.pid = os.fork()
        if self.pid == 0:
            self._run(work, order)

    @property
    def has_reached(self) -> bool:
        """Whether it came to its failpoint."""
        return self._reached.exists()

    @property
    def was_killed(self) -> bool:
        """Whether kill -9 ended it."""
        self.look()
        return self.code == -signal.SIGKILL

    def look(self) -> int | None:
        """Notice whether it stands still or has ended; return its code when it has."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                self.is_stopped = True
            elif pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def go_on(self) -> None:
        """Let it go on after it stood still."""
        os.kill(self.pid, signal.SIGCONT)
        self.is_stopped = False

    def end(self, patience_s: float) -> bool:
        """Ask it to end; tell whether it did so in time. It is gone afterwards in either case."""
        if self.look() is not None:
            return True
        self.go_on()
        os.kill(self.pid, signal.SIGTERM)
        if self.wait(patience_s):
            return True
        os.kill(self.pid, signal.SIGUSR1)  # it writes into its log where it stands
        self.wait(1.0)
        os.kill(self.pid, signal.SIGKILL)
        self.wait(5.0)
        return False

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; it does not stand still meanwhile."""
        ends_at = time.monotonic() + seconds
        while self.look() is None:
            if time.monotonic() > ends_at:
                return False
            if self.is_stopped:  # it came to its point only now
                self.go_on()
            time.sleep(0.005)
        return True

    def _run(self, work: Callable[[], None], order: str) -> None:
        code = 1
        try:
            end_with_parent()
            stopping.forget()
            stopping.stop_on(signal.SIGTERM)
            log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.dup2(log, 2)
            faulthandler.register(signal.SIGUSR1, all_threads=True)
            failpoints.arm(order, lambda _name: self._reached.touch())
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - it is the last one to hear of it
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)


def wait_for(condition: Callable[[], object], seconds: float, every_s: float = 0.01) -> bool:
    """Wait until the condition holds; tell whether it did in time."""
    ends_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends_at:
            return False
        time.sleep(every_s)
    return True
