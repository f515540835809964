"""The whole program under test: its people, its processes, and what its database says of a record's mail."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property

from redis import Redis
from sqlalchemy import NullPool, Row, create_engine, text

from tests.faults.visitor import Answer, Visitor
from tests.support.processes import RunningProgram
from tests.support.smtp_sink import SmtpSink
from webapp.core.config import PROJECT_ROOT
from webapp.demo.people import PASSWORD
from webapp.launcher.browser import wait_until
from webapp.launcher.environment import free_port

#: What the promise allows between the end of a fault and the mail.
PROMISED_S = 60.0
#: Seconds that a page may take while something is broken.
PAGE_S = 1.0
#: The program's own settings, so that nobody has to wait for leases of a minute and pauses of half a minute.
QUICK = {
    "RING_AGAIN_SECONDS": "1",
    "LEASE_SECONDS": "3",
    "HEARTBEAT_SECONDS": "0.7",
    "RETRY_SCALE": "0.03",
    "MAIL_TIMEOUTS_SCALE": "0.05",
}
STATUS_RULE = "ticket.in_progress.requester"
CONNECTION = "/settings/mail/outgoing/1"

DELIVERIES = text("""
    SELECT d.state, d.address, d.cause, d.ambiguous, m.message_id_header AS mail, m.rule_code AS rule, m.id
    FROM delivery d JOIN message m ON m.id = d.message_id
    WHERE m.subject_type = 'record' AND m.subject_id = :number ORDER BY d.id
""")


@dataclass
class Desk:
    """The program with three people who are signed in: Alice asks, Bob answers, Carol sets it up."""

    program: RunningProgram

    @cached_property
    def alice(self) -> Visitor:
        return self.sign_in("alice")

    @cached_property
    def bob(self) -> Visitor:
        return self.sign_in("bob")

    @cached_property
    def carol(self) -> Visitor:
        return self.sign_in("carol")

    def sign_in(self, who: str) -> Visitor:
        """Open a browser in which somebody is signed in."""
        visitor = Visitor(self.program.address)
        visitor.sign_in(f"{who}@example.com", PASSWORD)
        return visitor

    def register(self, title: str) -> int:
        """Let Alice register a ticket by its form; return its number."""
        page = self.alice.get("/records/ticket/new")
        return number_of(self.alice.submit(page, page.form("/records/ticket/new"), title=title))

    def begin_work(self, number: int) -> Answer:
        """Let Bob set the ticket to "in progress" by its form, of which Alice is told."""
        page = self.bob.get(f"/records/{number}")
        return self.bob.submit(page, page.form(f"/records/{number}/status"), status="in_progress")

    def connect(self, sink: SmtpSink, **settings: str) -> Answer:
        """Let Carol point the mail connection to a server: ``host``, ``port``, ``encryption``, ``login`` …"""
        page = self.carol.get(f"{CONNECTION}/edit")
        form = page.form("/edit")
        form.fields.pop("has_sign_in", None)
        if "login" in settings:
            settings["has_sign_in"] = "y"
        values = {"host": "127.0.0.1", "port": str(sink.port), "encryption": "none", **settings}
        answer = self.carol.submit(page, form, **values)
        assert answer.address.endswith(CONNECTION), answer.words
        return answer

    def lift_limit(self) -> None:
        """Let Carol allow any number of mails to one address: here the same people get all of them."""
        page = self.carol.get("/settings/company/edit")
        self.carol.submit(page, page.form("/settings/company/edit"), most_per_address="")

    def ask(self, statement: str, **values: object) -> list[Row]:
        """Read the database as it is at this moment."""
        with self._engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def deliveries(self, number: int, rule: str = "") -> list[Row]:
        """Return the deliveries of a record's mail, of one rule or of all."""
        with self._engine.connect() as connection:
            found = connection.execute(DELIVERIES, {"number": number}).all()
        return [row for row in found if rule in {"", row.rule}]

    def is_sent(self, number: int, rule: str = STATUS_RULE) -> bool:
        """Whether Alice was told of the status, and nothing of the record is still on its way."""
        return bool(self.deliveries(number, rule)) and self.states(number) == {"sent"}

    def states(self, number: int) -> set[str]:
        """Return the states in which the record's mail is."""
        return {row.state for row in self.deliveries(number)}

    def wait_until_sent(self, *numbers: int, rule: str = STATUS_RULE) -> None:
        """Wait until all mail of the records is sent, as long as the promise allows."""
        wait_until(lambda: all(self.is_sent(number, rule) for number in numbers), "the mail", PROMISED_S)

    def wait_until_quiet(self) -> None:
        """Wait until no event and no mail is to be handled."""
        busy = (
            "SELECT 1 FROM event WHERE NOT is_done"
            " UNION ALL SELECT 1 FROM delivery WHERE state IN ('waiting', 'sending')"
        )
        wait_until(lambda: not self.ask(busy), "the end of all work", PROMISED_S)

    @property
    def redis_socket(self) -> str:
        """Where the program's own Redis listens."""
        return str(self.program.instance / "redis.sock")

    def redis(self) -> Redis:
        """Return a client of the program's own Redis."""
        return Redis(unix_socket_path=self.redis_socket)

    def process(self, words: str) -> int:
        """Return the number of the only process with these words."""
        (number,) = self.program.numbers_of(words)
        return number

    @contextmanager
    def stopped(self, *names: str) -> Iterator[None]:
        """Let processes of the launcher stand still meanwhile, as ``vestnik mailer``."""
        with self.standing_still([self.process(name) for name in names]):
            yield

    @contextmanager
    def standing_still(self, numbers: Sequence[int]) -> Iterator[None]:
        """Let processes stand still meanwhile, none of them in the middle of a transaction."""
        try:
            for number in numbers:
                self._stop_between_transactions(number)
            yield
        finally:
            for number in numbers:
                with suppress(ProcessLookupError):  # somebody killed it meanwhile
                    os.kill(number, signal.SIGCONT)

    def _stop_between_transactions(self, number: int) -> None:
        """A process that stands still inside a transaction would keep everybody else from writing."""
        os.kill(number, signal.SIGSTOP)
        while self._is_locked():
            os.kill(number, signal.SIGCONT)
            time.sleep(0.05)
            os.kill(number, signal.SIGSTOP)

    def _is_locked(self) -> bool:
        if self._engine.dialect.name == "postgresql":
            return bool(self.ask("SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"))
        other = sqlite3.connect(self.program.instance / "vestnik.db", timeout=0.5, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        else:
            return False
        finally:
            other.close()

    @contextmanager
    def another(self, name: str, failpoint: str) -> Iterator[Another]:
        """Start one more process of the program beside the launcher's, which dies at its failpoint."""
        port = free_port()
        environment = self.program.settings | {
            "FAILPOINT": failpoint,
            "PORT": str(port),
            "PATH": f"{PROJECT_ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        process = subprocess.Popen(["vestnik", name], env=environment, stderr=subprocess.DEVNULL)
        try:
            yield Another(process, f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()

    @cached_property
    def _engine(self):
        url = self.program.settings.get("DATABASE_URL") or f"sqlite:///{self.program.instance / 'vestnik.db'}"
        return create_engine(url, poolclass=NullPool)


@dataclass
class Another:
    """A process beside the launcher's."""

    process: subprocess.Popen[bytes]
    address: str

    def wait_until_it_listens(self) -> None:
        """Wait until it takes connections, without asking it anything."""
        wait_until(self._takes_connections, f"a server at {self.address}", PROMISED_S)

    def _takes_connections(self) -> bool:
        port = int(self.address.rpartition(":")[2])
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def wait_until_killed(self) -> None:
        """Wait until it has died at its failpoint, and of nothing else."""
        assert self.process.wait(PROMISED_S) == -signal.SIGKILL


def number_of(page: Answer) -> int:
    """Return the number of the record whose card this is."""
    found = re.search(r"/records/(\d+)$", page.address)
    assert found, f"{page.address} {page.status} is no card: {page.words[:500]}"
    return int(found[1])


def copies(sink: SmtpSink, row: Row) -> list[bytes]:
    """Return the copies of a delivery that the server has taken."""
    mark = row.mail.encode()
    return [one.raw for one in sink.ledger if one.recipients == (row.address,) and mark in one.raw]


def require_once(desk: Desk, sink: SmtpSink, number: int) -> None:
    """Alice was told once that her ticket is in work, and the server has each mail of the record once."""
    rows = desk.deliveries(number)
    assert [row.address for row in rows if row.rule == STATUS_RULE] == ["alice@example.com"]
    assert [(row.rule, len(copies(sink, row))) for row in rows] == [(row.rule, 1) for row in rows]
