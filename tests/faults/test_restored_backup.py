"""F32: a backup is put in the place of the database, and what had been sent since is not sent again."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.faults.desk import QUICK, Desk, require_once
from tests.support.databases import PostgresqlServer
from tests.support.processes import RunningProgram
from tests.support.smtp_sink import SmtpSink
from webapp.core import high_water
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults]

RELEASE = "/deliveries/release"
#: By which a demo knows that the connection is no longer that to its own mailbox.
LOGINS = {"desk": "secret"}


@dataclass
class File:
    """The file of SQLite, and a copy of it as its own tools make one."""

    instance: Path

    def back_up(self) -> None:
        with closing(sqlite3.connect(self._file)) as ours, closing(sqlite3.connect(self._copy)) as copy:
            ours.backup(copy)

    def put_back(self) -> None:
        for suffix in ("-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        self._file.write_bytes(self._copy.read_bytes())

    @property
    def _file(self) -> Path:
        return self.instance / "vestnik.db"

    @property
    def _copy(self) -> Path:
        return self.instance.parent / "backup.db"


@dataclass
class OnServer:
    """A database of PostgreSQL, and a copy of it in the same server."""

    server: PostgresqlServer
    name: str

    def back_up(self) -> None:
        self.server.start(f"{self.name}_backup", template=self.name)

    def put_back(self) -> None:
        self.server.start(self.name, template=f"{self.name}_backup")


Database = File | OnServer


@pytest.fixture(params=ENGINES)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[Desk, Database]]:
    """A program of the test's own, whose database can be backed up while it stands still."""
    settings, name = dict(QUICK), f"restored_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    if server is not None:
        settings["DATABASE_URL"] = server.start(name)
    with RunningProgram(**settings) as program:
        yield Desk(program), OnServer(server, name) if server else File(program.instance)


def test_f32_a_restored_backup_sends_nothing_until_a_person_releases_it(running: tuple[Desk, Database]):
    desk, database = running
    with SmtpSink(logins=LOGINS) as gone:
        desk.connect(gone, login="desk", password="secret")
        desk.wait_until_quiet()
    number = desk.register("Waits when the backup is made")
    desk.begin_work(number)
    wait_until(lambda: len(desk.deliveries(number)) == 2, "both messages", 30)
    desk.program.stop()
    assert desk.states(number) == {"waiting"}
    database.back_up()
    (backup,) = desk.ask("SELECT database AS name, alive_at FROM high_water_mark")
    desk.program.start()
    with SmtpSink(port=gone.port, logins=LOGINS) as sink:
        desk.wait_until_sent(number)
        require_once(desk, sink, number)
        wait_until(lambda: remembers_more(desk, backup), "a mark beyond that of the backup", 60)
        desk.program.stop()
        database.put_back()
        taken = len(sink.ledger)
        desk.program.start()
        wait_until(lambda: is_held(desk), "the suspicion", 30)
        later = desk.register("Registered after the restore")
        wait_until(lambda: desk.deliveries(later), "a new message", 30)
        time.sleep(5)  # the clock rings each second
        assert desk.states(number) == desk.states(later) == {"waiting"}
        assert len(sink.ledger) == taken
        page = desk.bob.get("/deliveries")
        assert "put back from a backup" in page.words
        skip_and_release(desk)
        wait_until(lambda: desk.states(later) == {"sent"}, "what was written since", 30)
        assert desk.states(number) == {"cancelled"}
        desk.begin_work(later)
        desk.wait_until_sent(later)
        require_once(desk, sink, later)
        assert not is_held(desk)


def remembers_more(desk: Desk, backup) -> bool:
    """Whether this machine remembers that the database had come further than the backup."""
    mark = high_water.remembered(desk.program.instance, backup.name)
    alive_at = datetime.fromisoformat(str(backup.alive_at))
    return mark is not None and mark > (alive_at if alive_at.tzinfo else alive_at.replace(tzinfo=UTC))


def is_held(desk: Desk) -> bool:
    return bool(desk.ask("SELECT 1 FROM high_water_mark WHERE unreleased_since IS NOT NULL"))


def skip_and_release(desk: Desk) -> None:
    """Let Carol cancel what was in the backup, as the page proposes, and release the rest."""
    page = desk.carol.get(RELEASE)
    page = desk.carol.submit(page, page.form(f"{RELEASE}/skip"))
    assert page.address.endswith(RELEASE)
    page = desk.carol.submit(page, page.form(RELEASE))
    assert page.address.endswith("/deliveries")
