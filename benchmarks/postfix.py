"""Postfix's own measuring tools: ``smtp-source`` as the reference and ``smtp-sink`` as the server of all."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOOLS = Path(__file__).with_name(".tools")
SESSIONS = 16
LENGTH = 4096
LONGEST_START_S = 10.0


class ToolsMissing(Exception):
    """Postfix's tools are not there and could not be fetched; the message says why."""


def fetch() -> None:
    """Unpack Debian's package of Postfix into our own folder; nothing is installed or started.

    Raises ToolsMissing.
    """
    if _binary("smtp-source").exists():
        return
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise ToolsMissing("this system has no apt-get, by which Postfix would be fetched")
    TOOLS.mkdir(exist_ok=True)
    _run(["apt-get", "--quiet", "download", "postfix"])
    _run(["dpkg", "-x", *(path.name for path in TOOLS.glob("postfix_*.deb")), "postfix"])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolsMissing(f"{command[0]}: {done.stderr.strip()[-300:]}")


def _binary(name: str) -> Path:
    return TOOLS / "postfix" / "usr" / "sbin" / name


def _environment() -> dict[str, str]:
    return {**os.environ, "LD_LIBRARY_PATH": str(TOOLS / "postfix" / "usr" / "lib" / "postfix")}


class Sink:
    """A server that takes every mail and counts them."""

    def __init__(self, port: int, output: Path) -> None:
        self.port = port
        self._output = output

    def count(self) -> int:
        """Return how many mails it took since it was started."""
        counts = re.findall(rb"mesg=(\d+)", self._output.read_bytes()[-400:])
        return int(counts[-1]) if counts else 0

    def wait_for(self, count: int, patience_s: float = 5.0) -> int:
        """Return the count as soon as it is this or more, or what it is when the time is over."""
        gives_up_at = time.monotonic() + patience_s
        while self.count() < count and time.monotonic() < gives_up_at:
            time.sleep(0.02)
        return self.count()


@contextmanager
def sink(folder: Path) -> Iterator[Sink]:
    """Start ``smtp-sink`` on a free port of this machine."""
    port, output = _free_port(), folder / f"sink-{time.monotonic_ns()}.txt"
    command = [str(_binary("smtp-sink")), "-c", "-m", "1000"]
    if os.geteuid() == 0:
        command += ["-u", "nobody"]  # it refuses to serve as root
    with output.open("wb") as file:
        server = subprocess.Popen([*command, f"127.0.0.1:{port}", "1000"], env=_environment(), stdout=file)
    try:
        _wait_for(port)
        yield Sink(port, output)
    finally:
        server.terminate()
        server.wait()
        output.unlink()


def send(count: int, port: int) -> float:
    """Let ``smtp-source`` send as many mails as said; return mails a second."""
    words = ["-d", "-s", str(SESSIONS), "-l", str(LENGTH), "-m", str(count), f"127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run([str(_binary("smtp-source")), *words], env=_environment(), check=True)
    return count / (time.monotonic() - began)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    gives_up_at = time.monotonic() + LONGEST_START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > gives_up_at:
                raise ToolsMissing("smtp-sink does not answer") from None
            time.sleep(0.02)
        else:
            return
