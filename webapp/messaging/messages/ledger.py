"""What is written while a batch travels: before the dots and after them, several messages in one commit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.mail.transports.base import Outcome, Parcel, Problem, Step, Verdict
from webapp.messaging.mail_connections import condition
from webapp.messaging.messages import fence, outcomes, recovery
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.classes import RULES
from webapp.messaging.messages.loading import Due, Loaded
from webapp.messaging.messages.models import DeliveryState
from webapp.messaging.messages.outcomes import Cause, Tried

log = logging.getLogger(__name__)

Commit = Callable[[], None]
KEEP_WRITING_S: Final = 600.0
_LONGEST_PAUSE_S: Final = 5.0
_NEWS_OF_SUCCESS_S: Final = 5.0


@dataclass(frozen=True)
class Packed:
    """A message with the bytes that were made of it."""

    loaded: Loaded
    parcel: Parcel
    sha256: str

    @property
    def delivery_ids(self) -> list[int]:
        """The deliveries that travel with these bytes."""
        return [due.delivery_id for due in self.loaded.due]


@dataclass(frozen=True)
class _Answer:
    """What became of one recipient, to be written."""

    loaded: Loaded
    due: Due
    outcome: Outcome
    ms: int

    @property
    def tried(self) -> Tried:
        outcome = self.outcome
        problem = outcome.problem.value if outcome.problem else None
        return Tried(outcome.step.value, outcome.verdict.value, problem, _words(outcome), self.ms)

    def values(self) -> dict[str, Any]:
        """Return the delivery's columns when it was not sent."""
        due, outcome = self.due, self.outcome
        most_copies = RULES[self.loaded.message_class].most_copies
        values = outcomes.values_after(outcome, due.attempts, due.ambiguous, most_copies)
        if outcome.problem is Problem.INTERNAL_ERROR:
            failures = outcomes.count_failures(due.delivery_id, Problem.INTERNAL_ERROR) + 1
            if failures >= outcomes.MOST_FAILURES:  # it breaks each time, so it is not tried for ever
                is_past_dot = outcome.verdict is Verdict.AMBIGUOUS
                values["state"] = (DeliveryState.UNCERTAIN if is_past_dot else DeliveryState.HELD).value
        return values


class BatchLedger:
    """Keeps the promise that what may be with the server is written before, and what is there right after.

    Messages are announced in groups. Before the first dot of a group one commit writes that all its dots are
    about to be sent, and with it what became of the messages before.
    """

    def __init__(self, batch: Batch, commit: Commit) -> None:
        self._batch = batch
        self._commit = commit
        self._groups: dict[int, Sequence[Packed]] = {}
        self._permitted: dict[int, Packed] = {}
        self._travelling: dict[int, Packed] = {}
        self._answered: list[tuple[Loaded, Mapping[str, Outcome], int]] = []
        self._started_at = time.perf_counter()
        self._told_success_at = float("-inf")
        self._tells_success = False
        self._is_over = False
        self.is_in_trouble = False
        self.taken = 0

    def expect(self, group: Sequence[Packed]) -> None:
        """Take note of messages that come next and whose states are committed together."""
        for packed in group:
            self._groups[packed.parcel.number] = group
            self._travelling[packed.parcel.number] = packed

    def may_pass_dot(self, parcel: Parcel) -> bool:
        """Write that the dots of the parcel's group are about to be sent; see ``Ledger.may_pass_dot``."""
        if group := self._groups.pop(parcel.number, None):
            for packed in group:
                self._groups.pop(packed.parcel.number, None)
            self._permit(group)
        return self._permitted.pop(parcel.number, None) is not None

    def settle(self, parcel: Parcel, answers: Mapping[str, Outcome]) -> bool:
        """Keep what became of the recipients until the next commit."""
        self._answered.append((self._travelling.pop(parcel.number).loaded, answers, self._ms()))
        self.taken += sum(outcome.verdict is Verdict.SENT for outcome in answers.values())
        self.is_in_trouble = any(_is_trouble(outcome) for outcome in answers.values())
        return not self.is_in_trouble and not self._is_over

    def flush(self) -> None:
        """Write and commit what was settled."""
        if self._answered:
            self._surely(self._write_answers)
            self._forget_answers()

    def note_broken(self, loaded: Loaded) -> None:
        """Note an error of our own, before any word about the message was said."""
        broken = Outcome(Verdict.LATER, Step.BODY, problem=Problem.INTERNAL_ERROR)
        self._answered.append((loaded, dict.fromkeys((due.address for due in loaded.due), broken), 0))

    def hold(self, loaded: Loaded, cause: str, detail: str = "") -> None:
        """Write that no mail can be made of a message and that a person has to look at it."""
        log.warning("message %s is held: %s %s", loaded.message_id, cause, detail)
        self._give_up(loaded, DeliveryState.HELD, Verdict.REFUSED, cause, detail)

    def give_up_repeating(self, loaded: Loaded) -> None:
        """Other bytes would be another mail: a person who may have the first would get two different ones."""
        self._give_up(loaded, DeliveryState.UNCERTAIN, Verdict.AMBIGUOUS, Cause.BYTES_CHANGED)

    def close(self, write: Callable[[], object]) -> None:
        """Write what is left to be written: answers, dots announced and never sent, and ``write``."""
        unsent = [number for packed in self._permitted.values() for number in packed.delivery_ids]

        def write_all() -> None:
            self._write_answers()
            fence.unpass_dot(self._batch, unsent)
            write()

        self._surely(write_all)
        self._forget_answers()

    def _permit(self, group: Sequence[Packed]) -> None:
        """Commit that the dots are about to be sent, with the answers to those before.

        When the database fails, the answers are written as soon as it can, and no dot is allowed.
        """
        try:
            self._write_answers()
            permitted = self._pass_dots(group)
            self._commit()
        except DBAPIError:
            log.exception("the dot of a mail could not be announced")
            db.session.rollback()
            self._is_over = True
            self.flush()
            return
        failpoint("dot_committed")
        self._forget_answers()
        self._permitted = {one.parcel.number: one for one in permitted}
        self._is_over = len(permitted) < len(group) and not self._holds()

    def _holds(self) -> bool:
        """Whether what was refused was a message alone, and not the claim or the connection as a whole."""
        holds = fence.holds(self._batch)
        self._commit()
        return holds

    def _ms(self) -> int:
        """Milliseconds since the answer before."""
        before, self._started_at = self._started_at, time.perf_counter()
        return round((self._started_at - before) * 1000)

    def _pass_dots(self, group: Sequence[Packed]) -> list[Packed]:
        """A mail for several people is sent to all of them that are left or not at all."""
        passed = fence.pass_dots(
            self._batch, {number: one.sha256 for one in group for number in one.delivery_ids}
        )
        return [one for one in group if passed.issuperset(one.delivery_ids)]

    def _forget_answers(self) -> None:
        if self._answered:
            failpoint("after_commit")
        if self._tells_success:
            self._told_success_at, self._tells_success = time.monotonic(), False
        self._answered = []

    def _write_answers(self) -> None:
        answers = [
            _Answer(loaded, due, outcomes_of[due.address], ms)
            for loaded, outcomes_of, ms in self._answered
            for due in loaded.due
            if outcomes_of[due.address].problem is not Problem.LOST_CLAIM
        ]
        written = self._write_sent([one for one in answers if one.outcome.verdict is Verdict.SENT])
        for one in answers:
            if one.outcome.verdict is not Verdict.SENT:
                written |= self._write_unsent(one)
        outcomes.note_attempts(self._batch.claim_id, written)
        self._report([one.outcome for one in answers])

    def _write_sent(self, answers: Sequence[_Answer]) -> dict[int, Tried]:
        ours = fence.settle_sent(
            self._batch,
            {one.due.delivery_id: (one.due.attempts + 1, one.outcome.reply or None) for one in answers},
        )
        return {
            one.due.delivery_id: one.tried
            for one in answers
            if one.due.delivery_id in ours or self._settle_late(one)
        }

    def _settle_late(self, answer: _Answer) -> bool:
        """The database may have been busy for longer than the lease; what was taken must not go twice."""
        due = answer.due
        values = outcomes.values_after(answer.outcome, due.attempts, due.ambiguous, most_copies=1)
        return recovery.settle_late(self._batch.claim_id, due.delivery_id, values)

    def _write_unsent(self, answer: _Answer) -> dict[int, Tried]:
        number = answer.due.delivery_id
        is_ours = fence.settle(self._batch, number, answer.values())
        return {number: answer.tried} if is_ours else {}

    def _report(self, answers: Sequence[Outcome]) -> None:
        """Tell the connection how it fares; of a run of successes only the first, and again after a while."""
        trouble = next((outcome for outcome in answers if _is_trouble(outcome)), None)
        if trouble is not None:
            condition.report_failure(self._batch.connection_id, trouble)
            return
        is_news = time.monotonic() - self._told_success_at > _NEWS_OF_SUCCESS_S
        if is_news and any(outcome.code is not None for outcome in answers):
            condition.report_success(self._batch.connection_id)
            self._tells_success = True

    def _give_up(
        self, loaded: Loaded, state: DeliveryState, verdict: Verdict, cause: str, detail: str = ""
    ) -> None:
        def write() -> None:
            values = {"state": state.value, "cause": str(cause), "reply": detail or None}
            tried = Tried("build", verdict.value, str(cause), detail)
            numbers = [due.delivery_id for due in loaded.due]
            ours = {number: tried for number in numbers if fence.settle(self._batch, number, values)}
            outcomes.note_attempts(self._batch.claim_id, ours)

        self._surely(write)

    def _surely(self, write: Callable[[], object]) -> None:
        """Write and commit, again and again while the database fails.

        To drop what the server answered would send the mail twice.
        """
        ends_at = time.monotonic() + KEEP_WRITING_S
        pause = 0.2
        while True:
            try:
                write()
                self._commit()
            except DBAPIError:
                db.session.rollback()
                if time.monotonic() > ends_at:
                    raise
                log.exception("the outcome of a delivery could not be written, trying again")
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                return


def _is_trouble(outcome: Outcome) -> bool:
    """Whether to leave the server alone: to go on after a lost answer would put all mail in doubt."""
    return outcome.cool_down or outcome.verdict in {Verdict.SERVER_PROBLEM, Verdict.AMBIGUOUS}


def _words(outcome: Outcome) -> str:
    if outcome.code is None or outcome.reply.startswith(str(outcome.code)):
        return outcome.reply
    return f"{outcome.code} {outcome.reply}".strip()
