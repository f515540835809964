"""The processes of one installation: started together, ended together, none left behind."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Popen, Process

from webapp.core.processes import end_with_parent


class Crew(Manager):  # type: ignore[misc] # honcho has no types
    """Honcho's manager with a quieter voice, a call when all were started, and nobody left when it ends."""

    def __init__(self, environment: Mapping[str, str], on_started: Callable[[], None]) -> None:
        super().__init__(Printer(sys.stdout, time_format="%H:%M:%S"))
        self._process_ctor = _MortalProcess
        self._environment = dict(environment)
        self._on_started = on_started
        self.ended_first: str | None = None
        self._wants_to_end = False

    def add(self, name: str, command: str) -> None:
        """Add a process; ``exec`` spares the shell that would stand between us and it."""
        self.add_process(name, f"exec {command}", env=self._environment)

    def run(self) -> int:
        """Run until one process ends or somebody presses Ctrl-C; return the exit code."""
        try:
            self.loop()
        finally:
            self._sweep()
        return int(self.returncode or 0)

    @property
    def was_asked(self) -> bool:
        """Whether a person or the system asked us to stop, rather than a process having ended by itself."""
        return self.returncode in {128 + signal.SIGINT, 128 + signal.SIGTERM}

    def _start(self) -> None:
        super()._start()
        threading.Thread(target=self._on_started, daemon=True).start()

    def terminate(self) -> None:
        """End every process; when some of them are still being started, as soon as all are."""
        if super()._all_started():
            super().terminate()
        self._wants_to_end = True

    def _all_started(self) -> bool:
        # The loop asks after every message, so this is where an early Ctrl-C is made good: honcho itself
        # would signal the processes that it knows at that moment, and wait for the others for ever.
        is_complete = bool(super()._all_started())
        if is_complete and self._wants_to_end:
            super().terminate()
        return is_complete

    def _killall(self, force: bool = False) -> None:  # noqa: FBT001 - honcho's signature
        for process in self._processes.values():
            if "returncode" not in process and process.get("pid"):
                _signal_group(process["pid"], signal.SIGKILL if force else signal.SIGTERM)

    def _system_print(self, data: str) -> None:
        """Keep honcho's own lines for ourselves, but remember which process ended first."""
        name, _, rest = data.partition(" ")
        if rest.startswith("stopped") and self.ended_first is None and not self.was_asked:
            self.ended_first = name

    def _sweep(self) -> None:
        for process in self._processes.values():
            if process.get("pid"):
                _signal_group(process["pid"], signal.SIGKILL)


class _MortalProcess(Process):  # type: ignore[misc] # honcho has no types
    """A process that the kernel ends when its launcher was killed and could not end it."""

    def __init__(self, *values: object, **named: object) -> None:
        super().__init__(*values, **named)
        self._child_ctor = functools.partial(Popen, preexec_fn=end_with_parent)

    def run(self, events: object = None, ignore_signals: bool = False) -> None:  # noqa: FBT001 - honcho's
        """Run the command and pass on its output."""
        end_with_parent()
        super().run(events, ignore_signals)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
