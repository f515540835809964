"""Alice registers tickets, Bob works on them and cancels mails, Carol changes the connection."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from tests.faults.desk import CONNECTION, STATUS_RULE, Desk
from tests.faults.matrix.checker import Fault, Finding
from tests.faults.visitor import Answer, Visitor

REGISTERED_RULE: Final = "ticket.registered.requester"
MOST_TRIES: Final = 5
_CANCEL = re.compile(r"/deliveries/(\d+)/cancel$")


class ThreePeople:
    """What they do, what they were promised, and which pages broke under them."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed + 1_000_000)
        self.registered: list[int] = []
        self.begun: list[int] = []
        self.cancelled: dict[int, float] = {}
        self.findings: list[Finding] = []
        self._is_over = threading.Event()

    @property
    def words(self) -> str:
        """What they did."""
        return (
            f"{len(self.registered)} tickets, {len(self.begun)} begun, {len(self.cancelled)} mails cancelled"
        )

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let them work meanwhile; each finishes what is at hand."""
        for who in (self.desk.alice, self.desk.bob, self.desk.carol):
            assert who.get("/records/ticket").status == 200, "they sign in while all is well"
        acts = ((self._register, 0.8), (self._begin_work, 1.0), (self._cancel, 1.5), (self._change, 4.0))
        threads = [threading.Thread(target=self._repeat, args=act) for act in acts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()

    def require_told(self, messages: Sequence[tuple[int, str]]) -> list[Finding]:
        """Return a finding for everything that was shown as done and of which nobody was told."""
        promised = [(number, REGISTERED_RULE) for number in self.registered]
        promised += [(number, STATUS_RULE) for number in self.begun]
        missing = sorted(set(promised) - set(messages))
        return [Finding(Fault.LOST, f"{rule} of ticket {number}") for number, rule in missing]

    def _repeat(self, act: Callable[[], None], every_s: float) -> None:
        while not self._is_over.wait(every_s):
            try:
                act()
            except OSError as error:  # no fault here touches the web, so its pages always come
                self.findings.append(Finding(Fault.BROKEN_PAGE, f"{act.__name__}: {error}"))

    def _register(self) -> None:
        page = self.desk.alice.get("/records/ticket/new")
        form = page.form("/records/ticket/new")
        answer = self._insist(lambda: self.desk.alice.submit(page, form, title="Registered under fire"))
        found = re.search(r"/records/(\d+)$", answer.address)
        if answer.status == 200 and found:
            self.registered.append(int(found[1]))

    def _begin_work(self) -> None:
        waiting = [number for number in self.registered if number not in self.begun]
        if not waiting:
            return
        number = waiting[0]
        page = self.desk.bob.get(f"/records/{number}")
        form = page.form(f"/records/{number}/status")
        answer = self._insist(lambda: self.desk.bob.submit(page, form, status="in_progress"))
        if answer.status == 200:
            self.begun.append(number)

    def _cancel(self) -> None:
        """Cancel a mail by its page; a browser of its own, because Bob's other hand is busy."""
        rows = self.desk.ask(
            "SELECT message_id AS id FROM delivery WHERE state = 'waiting' ORDER BY id DESC LIMIT 1"
        )
        if not rows:
            return
        page = self._second_bob.get(f"/messages/{rows[0].id}")
        forms = [(found, form) for form in page.forms if (found := _CANCEL.search(form.action))]
        for found, form in forms:
            answer = self._insist(lambda form=form: self._second_bob.submit(page, form))
            if "Cancelled: it is not" in answer.words:
                self.cancelled[int(found[1])] = time.time()

    def _change(self) -> None:
        page = self.desk.carol.get(f"{CONNECTION}/sending")
        form = page.form("/sending")
        self._insist(lambda: self.desk.carol.submit(page, form, sender_name="Service desk"))

    def _insist(self, submit: Callable[[], Answer]) -> Answer:
        """Send the form again while the program says that it is not ready, as a person would."""
        for _ in range(MOST_TRIES):
            answer = submit()
            if answer.status != 503:
                break
        if answer.status >= 500:
            self.findings.append(Finding(Fault.BROKEN_PAGE, f"{answer.address}: {answer.status}"))
        return answer

    @property
    def _second_bob(self) -> Visitor:
        if not hasattr(self, "_other"):
            self._other = self.desk.sign_in("bob")
        return self._other
