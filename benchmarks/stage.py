"""What measurements stand on: the sink, Redis, PostgreSQL, and an installation on each database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks import postfix, servers
from benchmarks.installation import Installation, install
from benchmarks.postfix import Sink
from benchmarks.servers import Postgresql

DATABASES = ("sqlite", "postgresql")


@dataclass
class Stage:
    """Parts that are started when a measurement first asks for them, and ended together."""

    folder: Path
    scale: float = 1.0
    _closing: ExitStack = field(default_factory=ExitStack)
    _installations: dict[str, Installation] = field(default_factory=dict)

    @cached_property
    def sink(self) -> Sink:
        """The mail server of all measurements."""
        return self._closing.enter_context(postfix.sink(self.folder))

    @cached_property
    def redis_url(self) -> str:
        """The address of a Redis."""
        return self._closing.enter_context(servers.redis())

    @cached_property
    def postgresql(self) -> Postgresql:
        """A PostgreSQL server."""
        return self._closing.enter_context(servers.postgresql())

    @cached_property
    def database_of_peers(self) -> str:
        """The address of an empty PostgreSQL database on the same server as ours."""
        return self.postgresql.make_database("peers")

    def scaled(self, count: int) -> int:
        """Return how many of something to take: fewer when only a glance is wanted."""
        return max(20, round(count * self.scale))

    def installation(self, database: str) -> Installation:
        """Return the installation on this kind of database."""
        if database not in self._installations:
            url = self.postgresql.make_database("vestnik") if database == "postgresql" else ""
            self._installations[database] = install(
                database, self.folder, url, self.redis_url, self.sink.port
            )
        return self._installations[database]


@contextmanager
def stage(scale: float = 1.0) -> Iterator[Stage]:
    """Set a stage in a temporary folder and clear it away."""
    folder = Path(tempfile.mkdtemp(prefix="vestnik-bench-"))
    made = Stage(folder, scale)
    try:
        with made._closing:  # noqa: SLF001 - this function is its other half
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
