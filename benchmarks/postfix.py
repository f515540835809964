"""Postfix's own measuring tools: ``smtp-source`` is the reference and ``smtp-sink`` the server of all.

Where they cannot be had two plain programs of ours stand in for them.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.core.processes import end_with_parent

ROOT = Path(__file__).resolve().parents[1]
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
    if is_there() and _has_its_libraries():
        return
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise ToolsMissing("this system has no apt-get, by which Postfix would be fetched")
    TOOLS.mkdir(exist_ok=True)
    _unpack("postfix")
    if not _has_its_libraries():
        for package in _libraries():
            _unpack(package)


def is_there() -> bool:
    """Whether the tools can be used."""
    return _binary("smtp-source").exists()


def _unpack(package: str) -> None:
    _run(["apt-get", "--quiet", "download", package])
    for archive in TOOLS.glob(f"{package}_*.deb"):
        _run(["dpkg", "-x", archive.name, "postfix"])


def _libraries() -> list[str]:
    """Return the packages whose libraries the tools load, without the C library: that is the system's."""
    words = _run(["apt-cache", "depends", "postfix"])
    return re.findall(r"^ +Depends: (lib(?!c6)\S+)", words, re.MULTILINE)


def _has_its_libraries() -> bool:
    command = ["ldd", str(_binary("smtp-source"))]
    found = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    return "not found" not in found.stdout


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolsMissing(f"{command[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout


def _binary(name: str) -> Path:
    return TOOLS / "postfix" / "usr" / "sbin" / name


def _environment() -> dict[str, str]:
    libraries = TOOLS / "postfix" / "usr" / "lib"
    folders = (libraries / "postfix", *libraries.glob("*-linux-gnu"))
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(map(str, folders))}


class Sink:
    """The server, which takes every mail and counts them."""

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
            time.sleep(0.02)  # the sink writes its count to a file, which can only be looked at
        return self.count()


@contextmanager
def sink(folder: Path) -> Iterator[Sink]:
    """Start the server on a free port of this machine: ``smtp-sink``, or our own where that is missing."""
    port, output = _free_port(), folder / f"sink-{time.monotonic_ns()}.txt"
    with output.open("wb") as file:
        server = subprocess.Popen(
            _sink_command(port),
            cwd=ROOT,
            env=_environment(),
            stdout=file,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - it only speaks to the kernel
        )
    try:
        _wait_for(port)
        yield Sink(port, output)
    finally:
        server.terminate()
        server.wait()
        output.unlink()


def _sink_command(port: int) -> list[str]:
    if not is_there():
        return [sys.executable, "-m", "benchmarks.plain_sink", str(port)]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to serve as root
    return [str(_binary("smtp-sink")), "-c", "-m", "1000", *user, f"127.0.0.1:{port}", "1000"]


def send(count: int, port: int) -> float:
    """Let the reference send as many mails as said; return mails a second."""
    began = time.monotonic()
    subprocess.run(_source_command(count, port), cwd=ROOT, env=_environment(), check=True)
    return count / (time.monotonic() - began)


def _source_command(count: int, port: int) -> list[str]:
    if not is_there():
        return [sys.executable, "-m", "benchmarks.plain_source", str(port), str(count), str(SESSIONS)]
    words = ["-d", "-s", str(SESSIONS), "-l", str(LENGTH), "-m", str(count), f"127.0.0.1:{port}"]
    return [str(_binary("smtp-source")), *words]


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
            time.sleep(0.02)  # it does not say when it begins to listen
        else:
            return
