"""A web server as people run it, with a database and a Redis of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask_babel import force_locale

from tests.conftest import ENGINES, make_config
from tests.messaging.push.stream_client import StreamClient
from tests.support import people
from tests.support.databases import PostgresqlServer
from tests.support.redis_server import RedisServer
from webapp.app import create_app
from webapp.core.config import PROJECT_ROOT
from webapp.core.db import db
from webapp.people.accounts.models import Account

SERVER = [sys.executable, "-m", "gunicorn", "--config", str(PROJECT_ROOT / "deploy" / "gunicorn.py")]
PROGRAM = "tests.messaging.push.quick:program()"
GRACEFUL_S = 10


class Desk:
    """The running program: a server process, and the application here over the same database and Redis."""

    def __init__(self, app: Flask, redis: RedisServer, environment: dict[str, str]) -> None:
        self.app = app
        self.redis = redis
        self.environment = environment
        self.port = 0
        self.server: subprocess.Popen[bytes] | None = None
        self.pages: list[StreamClient] = []

    def start(self) -> None:
        """Start the server on the port that it had, or on a free one, and wait until it answers."""
        self.port = self.port or free_port()
        environment = {**os.environ, **self.environment, "PORT": str(self.port)}
        self.server = subprocess.Popen([*SERVER, PROGRAM], cwd=PROJECT_ROOT, env=environment)
        deadline = time.monotonic() + 30
        while not is_answering(self.port):
            assert self.server.poll() is None, "the server ended by itself"
            assert time.monotonic() < deadline, "the server did not answer in 30 s"
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server as a supervisor does."""
        if self.server:
            self.server.terminate()
            self.server.wait(30)
            self.server = None

    def make_person(self, name: str = "Alice") -> Account:
        """Make somebody new, so that tests may share one database."""
        return people.make_account(f"{name}{secrets.token_hex(4)} Smirnova", language="en")

    def open_page(self, token: str, *, since: str = "", shown: str = "") -> StreamClient:
        """Open the stream of a page that was cut off or shows these notes, and wait for its first state."""
        page = StreamClient(self.port, token, since, shown).start()
        self.pages.append(page)
        assert page.status == 200
        page.wait_for_state()
        return page

    def close_pages(self) -> None:
        """Close every page that a test has opened."""
        for page in self.pages:
            page.close()
        self.pages.clear()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_answering(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session", params=ENGINES)
def running_desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The program, started once for all tests: threads over SQLite, greenlets over PostgreSQL."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vestnik-push-")))
        redis = RedisServer()
        redis.start()
        stack.callback(redis.remove)
        url = f"sqlite:///{folder / 'vestnik.db'}"
        if request.param == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql_server")
            url = server.start(f"vestnik_push_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
        app = create_app(make_config(folder, url, redis.url))
        stack.enter_context(app.app_context())
        flask_migrate.upgrade()
        stack.callback(db.engine.dispose)
        environment = {
            "VESTNIK_INSTANCE": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "BASE_URL": app.config["VESTNIK"].base_url,  # another one would be that of a copy
            "DEMO": "0",
        }
        desk = Desk(
            app, redis, {**environment, "SECRET_KEYS": "test key", "WEB_GRACEFUL_SECONDS": str(GRACEFUL_S)}
        )
        stack.callback(desk.stop)
        desk.start()
        yield desk


@pytest.fixture
def desk(running_desk: Desk) -> Iterator[Desk]:
    """The running program, with the application's context here."""
    running_desk.redis.welcome_back(running_desk.app)
    with running_desk.app.app_context(), force_locale("en"):
        yield running_desk
        db.session.rollback()
        db.session.remove()
    running_desk.close_pages()
