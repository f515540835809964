"""The whole program in a folder of its own on a free port, for as long as somebody looks at it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from webapp.core.config import PROJECT_ROOT
from webapp.launcher.environment import ENV_FILE, CannotStart, free_port, is_answering

LONGEST_START_S = 60.0
LONGEST_END_S = 20.0
#: What would lead the program to somebody's real database, Redis or network.
NOT_INHERITED = frozenset(
    {"BASE_URL", "BEHIND_PROXY", "DATABASE_URL", "DEMO", "HOST", "MAIL_CA_FILE", "PORT", "REDIS_URL"}
    | {"SECRET_KEYS", "VESTNIK_INSTANCE"}
)


class TrialProgram:
    """`vestnik run` in a temporary instance; ``with`` ends it and removes the folder.

    ``settings`` are environment variables, as ``DEMO="0"``. Raises CannotStart.
    """

    def __init__(self, **settings: str) -> None:
        # Short, because a unix socket's path may have 107 bytes only.
        self.folder = Path(tempfile.mkdtemp(prefix="vestnik-"))
        self.instance = self.folder / "instance"
        self.port = int(settings.pop("PORT", 0)) or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.settings = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.settings |= {
            # Nor may it read from a file what it did not inherit.
            ENV_FILE: os.devnull,
            "VESTNIK_INSTANCE": str(self.instance),
            "DEMO": "1",
            "PORT": str(self.port),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_details: object) -> None:
        self.remove()

    @property
    def output(self) -> str:
        """Everything that the launcher and its processes printed."""
        with suppress(FileNotFoundError):
            return self._output_file.read_text(encoding="utf-8", errors="replace")
        return ""

    def start(self) -> None:
        """Start, and wait until the first page answers. Raises CannotStart."""
        process = self.launch()
        gives_up_at = time.monotonic() + LONGEST_START_S
        while not is_answering(self.address):
            if process.poll() is not None or time.monotonic() > gives_up_at:
                raise CannotStart(f"the program did not start. It said:\n{self.output[-4000:]}")
            time.sleep(0.05)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the launcher without waiting for anything."""
        with self._output_file.open("ab") as output:
            command = [sys.executable, "-m", "webapp.cli", "run"]
            self.process = subprocess.Popen(  # noqa: S603 - our own words
                command,
                cwd=PROJECT_ROOT,
                env=self.settings,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.process

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it as Ctrl-C or the system does, and return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(LONGEST_END_S)

    def remove(self) -> None:
        """End it, by force if need be, and remove its folder."""
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            if self.process is not None:
                os.killpg(self.process.pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _output_file(self) -> Path:
        return self.folder / "output.txt"
