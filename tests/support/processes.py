"""The whole program with real processes, for tests that kill, stop and watch them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from webapp.launcher.trial import TrialProgram


class RunningProgram(TrialProgram):
    """``vestnik run`` in a temporary instance on free ports; after its ``with`` nothing is left running.

    ``settings`` are environment variables: ``DEMO="0"``, ``DATABASE_URL="postgresql+psycopg://…"``,
    ``RING_AGAIN_SECONDS="1"``. Attributes: ``address``, ``port``, ``instance``, ``output``, ``process``.
    """

    def process_numbers(self) -> list[int]:
        """Return the numbers of all living processes of this instance, the launcher's among them."""
        mine = str(self.instance)
        return [number for number in all_processes() if mine in environment_of(number) + command_of(number)]

    def numbers_of(self, words: str) -> list[int]:
        """Return the numbers of those whose command line has these words, as ``vestnik worker``."""
        return [number for number in self.process_numbers() if words in command_of(number)]

    def remove(self) -> None:
        """End it, by force if need be, and remove its folder."""
        super().remove()
        for number in self.process_numbers():
            os.kill(number, signal.SIGKILL)


def all_processes() -> list[int]:
    """Return the numbers of all processes of this machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def environment_of(number: int) -> str:
    """Return the environment with which a process was started; empty when it ended or is not ours."""
    return _read(number, "environ")


def command_of(number: int) -> str:
    """Return the command line of a process; empty when it ended."""
    return _read(number, "cmdline").replace("\0", " ")


def _read(number: int, name: str) -> str:
    try:
        return Path(f"/proc/{number}/{name}").read_bytes().decode(errors="replace")
    except OSError:
        return ""
