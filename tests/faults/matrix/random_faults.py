"""The whole program under faults drawn from a seed, while three people work."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError

from tests.faults.desk import QUICK, Desk
from tests.faults.matrix.checker import Evidence, Fault, Finding, Told, check
from tests.faults.matrix.three_people import ThreePeople
from tests.support.databases import PostgresqlServer
from tests.support.ledger import LedgerFile
from tests.support.ledger_sink import LedgerSink
from tests.support.processes import RunningProgram
from webapp.launcher.browser import PageRefused

WORK_S: Final = 20.0
#: Redis is started again by its supervisor, which gives up when it dies three times within moments.
BETWEEN_KILLS_OF_REDIS_S: Final = 3.0
AT_THE_SERVER: Final = (
    ("greeting", "drop"), ("ehlo", "rst"), ("mail", "421 4.3.2 closing"), ("mail", "drop"),
    ("mail", "trickle"), ("rcpt", "451 4.7.1 later"), ("rcpt", "421 4.7.0 too many"), ("data", "drop"),
    ("body", "rst"),
    ("dot", "drop"), ("dot", "take-drop"), ("dot", "take-rst"), ("dot", "slow=1"), ("dot", "bye"),
    ("dot", "451 4.3.0 later"), ("quit", "hang"), ("greeting", "hang"),
)  # fmt: skip
_TOLD: Final = """
    SELECT d.id, d.address, d.state, d.ambiguous, d.cause, d.decided_by_id, m.event_id, m.rule_code,
           m.message_id_header AS mail, m.subject_id AS number
    FROM delivery d JOIN message m ON m.id = d.message_id
    WHERE m.subject_type = 'record' AND m.subject_id > :last ORDER BY d.id
"""


@dataclass(frozen=True)
class Story:
    """What came of a seed: what was done, in a sentence, and every broken promise."""

    words: str
    findings: list[Finding]


def play(seed: int) -> Story:
    """Start a program (on PostgreSQL for even seeds), let it be broken for 20 s, return what came of it."""
    with ExitStack() as stack:
        settings = dict(QUICK)
        if seed % 2 == 0:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vestnik-pg-")))
            folder.chmod(0o755)
            server = PostgresqlServer(folder / "data")
            stack.callback(server.stop)
            settings["DATABASE_URL"] = server.start("faults_random")
        program = stack.enter_context(RunningProgram(**settings))
        return break_at_random(Desk(program), seed, WORK_S)


def break_at_random(desk: Desk, seed: int, seconds: float) -> Story:
    """Break the running program by the seed for so long while people work, then hold it to account."""
    with tempfile.TemporaryDirectory() as folder:
        file = LedgerFile(Path(folder) / "ledger.jsonl")
        with LedgerSink(file=file, extensions=("8BITMIME", "SMTPUTF8", "PIPELINING")) as sink:
            desk.connect(sink)
            desk.lift_limit()
            desk.wait_until_quiet()
            (last,) = desk.ask("SELECT coalesce(max(id), 0) AS id FROM record")
            people = ThreePeople(desk, seed)
            with people.working(), _Breaker(desk, sink, random.Random(seed)).running() as breaker:
                breaker.run(seconds)
            sink.script.clear()
            findings = _wait_until_quiet(desk)
            findings += people.findings + _held_to_account(desk, file, people, last.id)
            words = f"{people.words}; {len(file.read())} mails taken; faults: {breaker.words}"
            return Story(words, findings)


def _wait_until_quiet(desk: Desk) -> list[Finding]:
    try:
        desk.wait_until_quiet()
    except PageRefused as error:
        return [Finding(Fault.STUCK, str(error))]
    return []


def _held_to_account(desk: Desk, file: LedgerFile, people: ThreePeople, last: int) -> list[Finding]:
    rows = desk.ask(_TOLD, last=last)
    told = [
        Told(
            message_id=row.mail,
            address=row.address,
            state=row.state,
            ambiguous=row.ambiguous,
            cause_key=f"{row.event_id}:{row.rule_code}",
            is_explained=row.cause is not None or row.decided_by_id is not None,
            cancelled_at=people.cancelled.get(row.id),
        )
        for row in rows
    ]
    mine = {one.message_id for one in told}
    ledger = [entry for entry in file.read() if entry.message_id in mine]
    return check(Evidence(told, ledger)) + people.require_told([(row.number, row.rule_code) for row in rows])


@dataclass
class _Breaker:
    """Draws faults. Beside the launcher's processes it keeps some of its own, which it kills."""

    desk: Desk
    sink: LedgerSink
    random: random.Random
    stack: ExitStack = field(default_factory=ExitStack)
    redis_killed_at: float = 0.0
    done: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        """How often each fault was drawn."""
        return ", ".join(f"{name} {count}" for name, count in sorted(self.done.items()))

    @contextmanager
    def running(self) -> Iterator[_Breaker]:
        with self.stack:
            yield self

    def run(self, seconds: float) -> None:
        """Break one thing after another."""
        faults: tuple[Callable[[], None], ...] = (
            self._break_server, self._break_server, self._break_server, self._kill_process,
            self._stop_process, self._flush_redis, self._kill_redis, self._stop_redis,
        )  # fmt: skip
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            fault = self.random.choice(faults)
            self.done[fault.__name__.strip("_").replace("_", " ")] += 1
            fault()
            time.sleep(self.random.uniform(0.1, 0.8))

    def _break_server(self) -> None:
        step, action = self.random.choice(AT_THE_SERVER)
        self.sink.script[step, self.sink.visits[step] + 1] = action

    def _kill_process(self) -> None:
        name = self.random.choice(("mailer", "worker", "clock"))
        life = self.random.uniform(1.5, 4.0)
        process = self.stack.enter_context(self.desk.another(name, "")).process
        timer = threading.Timer(life, process.kill)
        timer.start()
        self.stack.callback(timer.cancel)

    def _stop_process(self) -> None:
        name = self.random.choice(("mailer", "worker", "clock"))
        with self.desk.standing_still(self.desk.program.numbers_of(f"vestnik {name}")[:1]):
            time.sleep(self.random.uniform(0.5, 4.5))

    def _flush_redis(self) -> None:
        try:
            self.desk.redis().flushall()
        except RedisError:
            return

    def _kill_redis(self) -> None:
        if time.monotonic() - self.redis_killed_at < BETWEEN_KILLS_OF_REDIS_S:
            return
        self.redis_killed_at = time.monotonic()
        for number in self.desk.program.numbers_of("redis-server"):
            os.kill(number, signal.SIGKILL)

    def _stop_redis(self) -> None:
        with self.desk.standing_still(self.desk.program.numbers_of("redis-server")):
            time.sleep(self.random.uniform(0.2, 1.5))
