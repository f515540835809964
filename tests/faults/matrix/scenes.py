"""What happens in a cell: somebody breaks at a point, others go on, and then all is held to account."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.faults.matrix import cast, mailing
from tests.faults.matrix.cells import Cell
from tests.faults.matrix.checker import Evidence, Fault, Finding, check, check_places, count_extra_copies
from tests.faults.matrix.children import Child, wait_for
from tests.faults.matrix.mailing import CANARY, LOGIN, Server
from tests.faults.matrix.server_faults import SERVER_FAULTS, TIMEOUTS_SCALE, ServerFault
from tests.faults.matrix.stage import LEASE_S, Certificates, Stage
from tests.support.ledger import LedgerFile
from tests.support.ledger_sink import ForkedSink, LedgerSink
from tests.support.patience import at_most

LONGEST_S: Final = 25.0
REACHES_WITHIN_S: Final = 2.0
ENDS_WITHIN_S: Final = 20.0
#: After the last mail its sender still says that the connection works again, which is an event.
NEWS_FOLLOWS_WITHIN_S: Final = 0.5
STANDS_STILL_S: Final = LEASE_S * 1.7
EXTENSIONS: Final = ("8BITMIME", "SIZE 10000000", "SMTPUTF8", "PIPELINING")
_UNSENT: Final = "SELECT 1 FROM delivery WHERE state IN ('waiting', 'sending') LIMIT 1"
_IN_HAND: Final = "SELECT id FROM delivery WHERE state = 'sending' ORDER BY phase DESC, id LIMIT 1"
_UNHANDLED: Final = "SELECT 1 FROM event WHERE NOT is_done LIMIT 1"


@dataclass
class Result:
    """What came of a cell."""

    name: str
    findings: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    kills: int = 0
    reached: bool = False
    extra_copies: int = 0
    taken: int = 0
    states: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    log: str = ""


class Scene:
    """One cell on one stage, from the empty database to the findings."""

    def __init__(self, cell: Cell, stage: Stage, certificates: Certificates) -> None:
        self.cell = cell
        self.stage = stage
        self.fault: ServerFault = SERVER_FAULTS[cell.server]
        self.folder = stage.clear(retry_scale=self.fault.retry_scale, mail_timeouts_scale=TIMEOUTS_SCALE)
        self.findings: list[Finding] = []
        self.children: list[Child] = []
        self._people: list[Child] = []
        self._answers: list[Path] = []
        self.accepted: frozenset[tuple[str, str]] = frozenset()
        self.handles_events = cell.scene in {"worker", "web"}
        self.needs_sign_in = self.fault.needs_sign_in or cell.point == "auth"
        self.needs_tls = self.fault.needs_tls or cell.point == "tls" or self.needs_sign_in
        self.sink = ForkedSink(self._sink(certificates), self.folder)
        self.server = Server(self.sink.port, self.needs_tls, self.needs_sign_in)

    def play(self, act: Callable[[Scene], None]) -> Result:
        """Let it happen, wait until all is quiet, end everybody, and check."""
        started = time.monotonic()
        try:
            act(self)
        finally:
            self._end_all()
            heard = self.sink.stop()
        return self._result(heard, time.monotonic() - started)

    def start(self, work: Callable[[], None], order: str = "") -> Child:
        """Start a process."""
        child = Child(self.folder, work, order)
        self.children.append(child)
        return child

    def start_broken(self, work: Callable[[], None]) -> Child:
        """Start the process that breaks, and wait until it did, or it is clear that it will not soon."""
        child = self.start(work, self.cell.order)
        wait_for(lambda: child.has_reached or child.look() is not None, at_most(REACHES_WITHIN_S))
        return child

    def let_late_one_go_on(self, child: Child) -> None:
        """When it stands still, let its lease run out first, then let it find out that it is late."""
        if self.stands(child):
            time.sleep(STANDS_STILL_S)
            child.go_on()
            time.sleep(0.1)

    def wait_until_quiet(self) -> None:
        """Wait until no mail is to be sent, and no event to be handled where somebody does that."""
        wait_for(self._is_quiet, at_most(LONGEST_S), every_s=0.05)
        if self.handles_events:
            time.sleep(NEWS_FOLLOWS_WITHIN_S)
            wait_for(self._is_quiet, at_most(LONGEST_S), every_s=0.05)

    def _is_quiet(self) -> bool:
        for child in self.children:
            self.let_late_one_go_on(child)
        # Whoever stands still may hold SQLite's only lock, so nobody waits for a person before this.
        has_ended = all(one.look() is not None for one in self._people)
        # Events first: between two looks one may turn into messages, never the other way round.
        return has_ended and not self._has_events() and not self.stage.ask(_UNSENT)

    def _has_events(self) -> bool:
        return self.handles_events and bool(self.stage.ask(_UNHANDLED))

    def person(self, work: Callable[[Path], None]) -> None:
        """Let a person act in a process of their own; what they were shown is in ``shown`` at the end."""
        self._answers.append(self.folder / f"answer-{len(self._answers)}.json")
        self._people.append(self.start(partial(work, self._answers[-1])))

    @property
    def shown(self) -> dict[str, Any]:
        """What persons were shown, as they wrote it down."""
        shown: dict[str, Any] = {}
        for answer in self._answers:
            shown |= json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {}
        return shown

    @staticmethod
    def stands(child: Child) -> bool:
        """Whether a process stands still."""
        child.look()
        return child.is_stopped

    def _sink(self, certificates: Certificates) -> LedgerSink:
        return LedgerSink(
            script=dict(self.fault.script),
            extensions=EXTENSIONS,
            logins={LOGIN: CANARY} if self.needs_sign_in else {},
            tls=certificates.known if self.needs_tls else None,
            tls_of_a_stranger=certificates.stranger,
            closed_s=self.fault.closed_s,
            file=LedgerFile(self.folder / "ledger.jsonl"),
        )

    def _end_all(self) -> None:
        for child in self.children:
            if not child.end(at_most(ENDS_WITHIN_S)):
                self.findings.append(Finding(Fault.STUCK, f"a process did not end within {ENDS_WITHIN_S} s"))

    def _result(self, heard: dict[str, Any], seconds: float) -> Result:
        cancelled = {int(number): at for number, at in self.shown.items()}
        told = mailing.told(self.stage, cancelled)
        evidence = Evidence(told, self.sink.ledger.read(), self.accepted, self.fault.ends)
        findings = [*self.findings, *check(evidence), *self._secrets(heard)]
        if self._has_events():
            findings.append(Finding(Fault.STUCK, "an event was never handled"))
        states = [one.state for one in told]
        return Result(
            name=self.cell.name,
            findings=[str(one) for one in findings],
            faults=[one.fault.value for one in findings],
            kills=sum(child.was_killed for child in self.children),
            reached=any(child.has_reached for child in self.children),
            extra_copies=count_extra_copies(evidence),
            taken=len(evidence.ledger),
            states={state: states.count(state) for state in sorted(set(states))},
            seconds=round(seconds, 2),
            log=self._log() if findings else "",
        )

    def _secrets(self, heard: dict[str, Any]) -> list[Finding]:
        if not self.needs_sign_in:
            return []
        places = {
            "database": self.stage.everything(),
            "log": self._log(),
            "wire": "\n".join(heard["clear_lines"]),
        }
        return check_places(CANARY, places)

    def _log(self) -> str:
        file = self.folder / "log.txt"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def sender(scene: Scene) -> None:
    """One sender breaks; another, the clock and a person who cancels a mail go on."""
    connection_id = _queue(scene)
    send = partial(cast.send, scene.stage.app, connection_id)
    scene.start_broken(send)
    _cancel_one(scene)
    scene.start(send)
    scene.start(partial(cast.tick, scene.stage.app))
    scene.wait_until_quiet()


def sweeper(scene: Scene) -> None:
    """A sender was killed around its dot; then one who clears up after it breaks, and others go on."""
    connection_id = _queue(scene)
    send = partial(cast.send, scene.stage.app, connection_id)
    dead = scene.start(send, "after_dot:2:kill")
    wait_for(lambda: dead.look() is not None, at_most(REACHES_WITHIN_S))
    time.sleep(LEASE_S * 1.1)
    scene.start_broken(partial(cast.sweep, scene.stage.app))
    scene.start(send)
    scene.start(partial(cast.tick, scene.stage.app))
    scene.wait_until_quiet()


def _queue(scene: Scene) -> int:
    with scene.stage.prepared():
        connection_id = mailing.connect(scene.server, scene.cell.mode)
        scene.accepted = mailing.queue(scene.fault.messages, scene.cell.mode)
    return connection_id


def _cancel_one(scene: Scene) -> None:
    """Cancel the last mail, which nobody has begun, or in every other cell one that a sender has in hand."""
    if scene.fault.ends == {"uncertain"}:
        return
    is_in_hand = zlib.crc32(scene.cell.name.encode()) % 2
    rows = scene.stage.ask(_IN_HAND) if is_in_hand else []
    rows = rows or scene.stage.ask("SELECT max(id) AS id FROM delivery")
    (actor,) = scene.stage.ask("SELECT min(id) AS id FROM account")
    scene.person(partial(cast.cancel, scene.stage.app, rows[0].id, actor.id))
