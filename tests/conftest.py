"""Fixtures for every test: real databases, a real Redis, people, pages."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests.support import background, people
from tests.support import chromium as real_browser
from tests.support.databases import PostgresqlDatabase, PostgresqlServer, SqliteDatabase
from tests.support.pages import PageClient, SeparateClient
from tests.support.redis_server import RedisServer
from tests.support.scheduling import pytest_xdist_make_scheduler  # noqa: F401 - pytest finds it here
from webapp.core.config import Config
from webapp.core.db import db
from webapp.people.accounts.models import Account, Role, Team

ENGINES = tuple(os.environ.get("TEST_ENGINES", "sqlite,postgresql").split(","))
Database = SqliteDatabase | PostgresqlDatabase

# The usual run judges a change, so it tries the same examples each time; ATTACKS=all looks for new ones.
settings.register_profile("usual", derandomize=os.environ.get("ATTACKS") != "all", deadline=None)
settings.load_profile("usual")


@pytest.fixture(scope="session")
def worker_folder() -> Iterator[Path]:
    """A folder in shared memory for this test process."""
    parent = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="vestnik-test-", dir=parent))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis of this test process."""
    server = RedisServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL of this test process."""
    # The server runs as a user of its own when tests run as root, so its folder must not be private to root.
    folder = Path(tempfile.mkdtemp(prefix="vestnik-pg-"))
    folder.chmod(0o755)
    server = PostgresqlServer(folder / "data")
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=ENGINES)
def database_app(
    request: pytest.FixtureRequest, worker_folder: Path, redis_server: RedisServer
) -> Iterator[tuple[Flask, Database]]:
    """The application on one engine, made once; its database is emptied by ``app``."""
    from webapp.app import create_app

    database = _make_database(request, worker_folder)
    app = create_app(make_config(worker_folder, database.url, redis_server.url))
    app.test_client_class = SeparateClient
    with app.app_context():
        database.prepare(app)
    yield app, database
    with app.app_context():
        db.engine.dispose()


def make_config(folder: Path, database_url: str, redis_url: str) -> Config:
    """Settings of a test application."""
    return Config(
        instance=folder,
        database_url=database_url,
        redis_url=redis_url,
        secret_keys=("test key",),
        is_test=True,
        base_url="http://desk.example",
    )


def _make_database(request: pytest.FixtureRequest, folder: Path) -> Database:
    if request.param == "sqlite":
        return SqliteDatabase(folder)
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return PostgresqlDatabase(server.start(f"vestnik_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, one for a process: a second one could not be driven beside it."""
    with sync_playwright() as playwright, real_browser.running(playwright) as browser:
        yield browser


@pytest.fixture
def app(database_app: tuple[Flask, Database], redis_server: RedisServer) -> Iterator[Flask]:
    """The application with an empty database, in an application context."""
    app, database = database_app
    redis_server.flush()
    redis_server.welcome_back(app)
    with app.app_context():
        database.empty()
        yield app
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def alice(app: Flask) -> Account:
    """Alice asks for things."""
    return people.make_account("Alice Smirnova")


@pytest.fixture
def bob(app: Flask) -> Account:
    """Bob is the agent."""
    return people.make_account("Bob Miller", role=Role.SUPPORT, language="en", time_zone="Europe/London")


@pytest.fixture
def carol(app: Flask) -> Account:
    """Carol sets the program up."""
    return people.make_account("Carol Volkova", role=Role.TECHNOLOGIST)


@pytest.fixture
def mallory(app: Flask) -> Account:
    """Mallory must be refused."""
    return people.make_account("Mallory Black", language="en")


@pytest.fixture
def first_line(app: Flask, bob: Account) -> Team:
    """The team that Bob leads."""
    return people.make_team("First line", leader=bob)


@pytest.fixture
def visitor(app: Flask) -> PageClient:
    """A browser in which nobody is signed in."""
    return PageClient(app, app.test_client())


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Account], PageClient]:
    """Open a browser in which the account is signed in."""

    def open_browser(account: Account) -> PageClient:
        browser = PageClient(app, app.test_client())
        browser.client.set_cookie(people.SESSION_COOKIE, people.make_session(account))
        return browser

    return open_browser


@pytest.fixture
def drain(app: Flask) -> Callable[[], None]:
    """Carry out all background work that is due."""
    return lambda: background.drain(app)


@pytest.fixture
def clock(app: Flask) -> Iterator[background.StoppedClock]:
    """A clock that stands at Saturday 21 November 2026, 12:00 in Moscow, and moves only when told."""
    stopped = background.StoppedClock(datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
    yield stopped
    stopped.go()
