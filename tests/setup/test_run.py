"""`vestnik run` with real processes: it starts everything and says so, or says why it does not."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.support.patience import at_most
from tests.support.processes import RunningProgram
from webapp.core.config import PROJECT_ROOT
from webapp.core.embedded_redis import socket_path
from webapp.demo import mailbox_files, reading
from webapp.demo.people import PASSWORD, PEOPLE
from webapp.launcher.browser import Browser, PageRefused, wait_until
from webapp.launcher.environment import free_port

pytestmark = [pytest.mark.process]

PATIENCE_S = 60.0
PROCESSES = (
    "vestnik redis",
    "vestnik mailbox",
    "webapp.app:create_app()",
    "vestnik worker",
    "vestnik mailer",
    "vestnik clock",
)


@pytest.fixture(scope="module")
def program() -> Iterator[RunningProgram]:
    """One demo for all tests of this file that leave it as they found it."""
    with RunningProgram(RING_AGAIN_SECONDS="1") as running:
        wait_for_processes(running)
        yield running


@pytest.fixture(scope="module")
def real_program() -> Iterator[RunningProgram]:
    """A program without demo data, in a folder whose name is too long for the name of a socket."""
    running = RunningProgram(DEMO="0")
    running.instance = running.folder / ("long-name-" * 8) / ("long-name-" * 8)
    running.settings["VESTNIK_INSTANCE"] = str(running.instance)
    with running:
        yield running


def wait_for_processes(program: RunningProgram) -> None:
    wait_until(lambda: all(map(program.numbers_of, PROCESSES)), "all processes", PATIENCE_S)


@contextmanager
def stopped(program: RunningProgram) -> Iterator[None]:
    """Let the program stand still meanwhile."""
    program.stop()
    try:
        yield
    finally:
        program.start()
        wait_for_processes(program)


def launch(**settings: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher where it must refuse to start."""
    command = [sys.executable, "-m", "webapp.cli", "run"]
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment |= {"VESTNIK_ENV_FILE": os.devnull, **settings}
    return subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_demo_person_signs_in_and_sees_the_first_page(program: RunningProgram) -> None:
    browser = Browser(program.address)
    browser.sign_in("alice@example.com", PASSWORD)
    assert "Вестник" in browser.get("/").html or "Vestnik" in browser.get("/").html


def test_it_prints_the_address_and_every_sign_in(program: RunningProgram) -> None:
    wait_until(lambda: "Ctrl-C" in program.output, "the welcome", PATIENCE_S)
    assert program.address in program.output
    for person in PEOPLE:
        assert person.email in program.output
    assert PASSWORD in program.output


def test_the_instance_is_private(program: RunningProgram) -> None:
    assert stat.S_IMODE(program.instance.stat().st_mode) == 0o700
    for name in ("secret_key", "vestnik.db", "mailbox/settings.json", "mailbox/server.pem"):
        assert stat.S_IMODE((program.instance / name).stat().st_mode) == 0o600, name


def test_nothing_listens_beyond_this_machine(program: RunningProgram) -> None:
    # Another address of the loopback network: only a server that listens on every address answers there.
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", program.port))


def test_redis_has_no_port(program: RunningProgram) -> None:
    redis_number(program)
    with Redis(unix_socket_path=str(program.instance / "redis.sock")) as redis:
        assert redis.config_get("port") == {"port": "0"}
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert redis.config_get("appendonly") == {"appendonly": "yes"}


def test_a_second_launcher_in_the_same_instance_says_so(program: RunningProgram) -> None:
    refused = launch(VESTNIK_INSTANCE=str(program.instance), PORT="1")
    assert refused.returncode == 1
    assert "already runs" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_is_named(program: RunningProgram, tmp_path: Path) -> None:
    refused = launch(VESTNIK_INSTANCE=str(tmp_path / "other"), PORT=str(program.port))
    assert refused.returncode == 1
    assert f"port {program.port} cannot be used" in refused.stderr


def test_redis_that_was_killed_comes_back(program: RunningProgram) -> None:
    number = redis_number(program)
    os.kill(number, signal.SIGKILL)
    wait_until(lambda: number not in program.numbers_of("redis-server"), "its end", PATIENCE_S)
    assert redis_number(program) != number
    assert program.process is not None
    assert program.process.poll() is None


def test_mail_goes_on_after_redis_was_killed_and_wiped(program: RunningProgram) -> None:
    number = redis_number(program)
    with Redis(unix_socket_path=str(program.instance / "redis.sock")) as redis:
        redis.flushall()
    os.kill(number, signal.SIGKILL)
    bob = Browser(program.address)
    bob.sign_in("bob@example.com", PASSWORD)
    page = bob.get("/records/ticket/new")
    page = bob.submit(page, page.form("/records/ticket/new"), title="Redis went away")
    folder = program.instance / "mailbox" / "mail"
    wait_until(lambda: _has_mail(folder, "Redis went away"), "the mail", 60)


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    refused = launch(VESTNIK_INSTANCE=str(tmp_path), PORT="eighty")
    assert (refused.returncode, refused.stderr) == (
        1,
        "vestnik: PORT must be a number from 1 to 65535, not 'eighty'\n",
    )


def test_demo_mode_refuses_to_listen_on_the_network(tmp_path: Path) -> None:
    refused = launch(VESTNIK_INSTANCE=str(tmp_path), DEMO="1", HOST="0.0.0.0")
    assert refused.returncode == 1
    assert "127.0.0.1 alone" in refused.stderr


def test_an_instance_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    refused = launch(VESTNIK_INSTANCE=str(tmp_path / "file" / "instance"))
    assert refused.returncode == 1
    assert "cannot be written" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_second_start_shows_its_first_page_within_three_seconds(program: RunningProgram) -> None:
    program.stop()
    started = time.monotonic()
    program.start()
    took = time.monotonic() - started
    wait_for_processes(program)
    assert took < at_most(3)
    assert program.output.count("Preparing") == 1


def test_demo_accounts_never_serve_a_real_installation(program: RunningProgram) -> None:
    with stopped(program):
        refused = launch(VESTNIK_INSTANCE=str(program.instance), DEMO="0", PORT=str(program.port))
    assert refused.returncode == 1
    assert "demo accounts" in refused.stderr


def test_no_demo_accounts_are_put_into_a_database_in_use_nor_is_it_migrated(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "vestnik.db")) as database:
        database.executescript(
            "CREATE TABLE setting (key TEXT);"
            "CREATE TABLE account (id INTEGER); INSERT INTO account VALUES (1)"
        )
        refused = launch(VESTNIK_INSTANCE=str(tmp_path), DEMO="1", PORT=str(free_port()))
        assert refused.returncode == 1
        assert "in real use" in refused.stderr
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert names == {"account", "setting"}


def test_without_demo_there_is_nobody_and_the_first_page_makes_the_first_technologist(
    real_program: RunningProgram,
) -> None:
    browser = Browser(real_program.address)
    assert browser.get("/").address.endswith("/first-account")
    assert not (real_program.instance / "mailbox").exists()
    with pytest.raises(PageRefused, match="404"):
        browser.get("/demo/mailbox")


def test_a_long_path_to_the_instance_is_no_obstacle(real_program: RunningProgram) -> None:
    assert not (real_program.instance / "redis.sock").exists()
    with Redis(unix_socket_path=str(socket_path(real_program.instance))) as redis:
        wait_until(lambda: _answers(redis), "Redis", PATIENCE_S)


def redis_number(program: RunningProgram) -> int:
    """Return the number of the program's Redis, as soon as it answers: another test may have killed it."""
    with Redis(unix_socket_path=str(program.instance / "redis.sock")) as redis:
        wait_until(lambda: _answers(redis), "Redis", PATIENCE_S)
    (number,) = program.numbers_of("redis-server")
    return number


def _has_mail(folder: Path, words: str) -> bool:
    mails = (mailbox_files.read(folder, name) for name in mailbox_files.names(folder))
    return any(words in reading.read_headers(mail.content).subject for mail in mails if mail)


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False
