"""The servers that a measurement needs, each private to it: PostgreSQL and Redis, as safe as in earnest."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, create_engine, text

from webapp.core import embedded_redis
from webapp.core.processes import end_with_parent

#: Without these a commit would be nothing but a promise, and every figure a lie.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
LONGEST_START_S = 15.0


class NotDurable(Exception):
    """The server would answer a commit before the disk has it."""


class Postgresql:
    """A server from the pgserver wheel with the settings that it has after installation."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url

    def make_database(self, name: str) -> str:
        """Make an empty database and return its address for SQLAlchemy. Raises NotDurable."""
        admin = create_engine(self.admin_url, isolation_level="AUTOCOMMIT")
        _require_durable(admin)
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        url = admin.url.set(database=name)
        admin.dispose()
        return url.render_as_string(hide_password=False)

    @property
    def version(self) -> str:
        """The server's version."""
        admin = create_engine(self.admin_url)
        with admin.connect() as connection:
            found = str(connection.execute(text("SHOW server_version")).scalar_one())
        admin.dispose()
        return found


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    """Start a server in a folder of its own; end it and remove the folder."""
    import pgserver  # noqa: PLC0415 - it looks for a runtime folder when it is loaded, and warns

    # The server runs as a user of its own when we are root, so its folder must not be private to root.
    folder = Path(tempfile.mkdtemp(prefix="vestnik-bench-pg-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")  # type: ignore[attr-defined] # it is there
    try:
        yield Postgresql(str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _require_durable(engine: Engine) -> None:
    with engine.connect() as connection:
        for name, wanted in DURABLE.items():
            if connection.execute(text(f"SHOW {name}")).scalar_one() != wanted:
                raise NotDurable(f"{name} of this PostgreSQL is not {wanted}")


@contextmanager
def redis() -> Iterator[str]:
    """Start Redis as an installation has it and yield its address; end it and remove its files."""
    folder = Path(tempfile.mkdtemp(prefix="vb-"))
    (folder / "redis").mkdir()
    server = subprocess.Popen(
        embedded_redis.command(folder),
        stdout=subprocess.DEVNULL,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - it only speaks to the kernel
    )
    url = f"unix://{embedded_redis.socket_path(folder)}"
    try:
        _wait_for_redis(url)
        yield url
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_redis(url: str) -> None:
    gives_up_at = time.monotonic() + LONGEST_START_S
    with Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except RedisError:
                if time.monotonic() > gives_up_at:
                    raise
                time.sleep(0.02)  # it does not say when it begins to listen
            else:
                return
