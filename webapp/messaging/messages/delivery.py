"""The send protocol: what is committed before the dot and after it, so that no mail is lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.mail.transports.base import Outcome, Problem, Step, Transport, Verdict
from webapp.messaging.mail_connections import condition
from webapp.messaging.messages import assembly, claims, outcomes, recovery
from webapp.messaging.messages.assembly import Assembled, CannotBuild, Loaded
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import DeliveryState
from webapp.messaging.messages.outcomes import Cause, Tried

log = logging.getLogger(__name__)

Commit = Callable[[], None]
KEEP_WRITING_S: Final = 600.0
_LONGEST_PAUSE_S: Final = 5.0


def send_batch(
    batch: Batch, transport: Transport, commit: Commit, stop: Callable[[], bool] = lambda: False
) -> bool:
    """Send the deliveries of a claim one after another; says whether the server can take more.

    Before each message it looks whether it should ``stop`` and whether messages may still leave. What was not
    begun is given back. No transaction stands open while the wire is waited for.
    """
    goes_on = True
    try:
        for delivery_id in batch.delivery_ids:
            goes_on = not stop() and _Sending(batch, delivery_id, transport, commit).run()
            if not goes_on:
                break
    finally:
        db.session.rollback()
        _write_surely(lambda: claims.give_back(batch.claim_id), commit)
    return goes_on


@dataclass
class _Sending:
    """One delivery on its way."""

    batch: Batch
    delivery_id: int
    transport: Transport
    commit: Commit
    dot_passed: bool = False

    def run(self) -> bool:
        """Carry the delivery as far as it goes; says whether the next one may follow."""
        if not claims.may_send(self.batch.connection_id):
            self.commit()
            return False  # somebody switched the connection off, deleted it, or found its server in trouble
        loaded = assembly.load(self.delivery_id, self.batch.claim_id)
        if loaded is not None and loaded.cause == Cause.WORKER_DIED:
            claims.mark_started(self.batch.claim_id, self.delivery_id)
        self.commit()
        if loaded is None:
            return True  # cancelled meanwhile, or no longer ours
        try:
            assembled = assembly.assemble(loaded)
        except CannotBuild as error:
            self._hold(error.cause, error.detail)
            return True
        if loaded.raw_sha256 not in {None, assembled.sha256} and loaded.ambiguous:
            self._give_up_repeating()
            return True
        return self._send(loaded, assembled)

    def _send(self, loaded: Loaded, assembled: Assembled) -> bool:
        started = time.perf_counter()
        try:
            answers = self.transport.send(
                loaded.envelope, assembled.raw, lambda: self._pass_dot(assembled.sha256)
            )
            outcome = answers[loaded.address]
        except Exception:
            log.exception("delivery %s broke on its way", self.delivery_id)
            self.transport.close()
            outcome = None
        ms = round((time.perf_counter() - started) * 1000)
        if outcome is None:
            _write_surely(lambda: self._note_broken(loaded, ms), self.commit)
            return True
        return self._note(loaded, outcome, ms)

    def _pass_dot(self, sha256: str) -> bool:
        is_ours = claims.pass_dot(self.batch.claim_id, self.delivery_id, sha256)
        self.commit()
        self.dot_passed = is_ours
        return is_ours

    def _note(self, loaded: Loaded, outcome: Outcome, ms: int) -> bool:
        if outcome.problem is Problem.LOST_CLAIM:
            return True
        _write_surely(lambda: self._write(loaded, outcome, ms), self.commit)
        failpoint("after_commit")
        return not _is_trouble(outcome)

    def _write(self, loaded: Loaded, outcome: Outcome, ms: int) -> None:
        values = outcomes.values_after(outcome, loaded.attempts, loaded.ambiguous)
        if self._settle(outcome, values):
            problem = outcome.problem.value if outcome.problem else None
            self._note_attempt(outcome.step, outcome.verdict, problem, _words(outcome), ms)
        if _is_trouble(outcome):
            condition.report_failure(self.batch.connection_id, outcome)
        elif outcome.code is not None:
            condition.report_success(self.batch.connection_id)

    def _settle(self, outcome: Outcome, values: dict[str, Any]) -> bool:
        if claims.settle(self.batch.claim_id, self.delivery_id, values):
            return True
        # The database may have been busy for longer than the lease; what the server took must not go twice.
        is_sent = outcome.verdict is Verdict.SENT
        return is_sent and recovery.settle_late(self.batch.claim_id, self.delivery_id, values)

    def _note_broken(self, loaded: Loaded, ms: int) -> None:
        """After an error of our own: ambiguous if the dot was passed; held when it happens each time."""
        cause = Cause.INTERNAL_ERROR.value
        verdict = Verdict.AMBIGUOUS if self.dot_passed else Verdict.LATER
        outcome = Outcome(verdict, Step.DOT if self.dot_passed else Step.BODY)
        values = outcomes.values_after(outcome, loaded.attempts, loaded.ambiguous) | {"cause": cause}
        if outcomes.count_failures(self.delivery_id, cause) + 1 >= outcomes.MOST_FAILURES:
            held = DeliveryState.UNCERTAIN if self.dot_passed else DeliveryState.HELD
            values["state"] = held.value
        if claims.settle(self.batch.claim_id, self.delivery_id, values):
            self._note_attempt(outcome.step, verdict, cause, "", ms)

    def _hold(self, cause: str, detail: str) -> None:
        log.warning("delivery %s is held: %s %s", self.delivery_id, cause, detail)
        values = {"state": DeliveryState.HELD.value, "cause": cause, "reply": detail or None}
        _write_surely(lambda: self._settle_unsent(values, Verdict.REFUSED, cause), self.commit)

    def _give_up_repeating(self) -> None:
        """Other bytes would be another mail: a person who may have the first would get two different ones."""
        cause = Cause.BYTES_CHANGED.value
        values = {"state": DeliveryState.UNCERTAIN.value, "cause": cause}
        _write_surely(lambda: self._settle_unsent(values, Verdict.AMBIGUOUS, cause), self.commit)

    def _settle_unsent(self, values: Mapping[str, str | None], verdict: Verdict, cause: str) -> None:
        if claims.settle(self.batch.claim_id, self.delivery_id, dict(values)):
            self._note_attempt("build", verdict, cause, values.get("reply") or "", 0)

    def _note_attempt(self, step: str, verdict: Verdict, problem: str | None, reply: str, ms: int) -> None:
        tried = Tried(str(step), verdict.value, problem, reply, ms)
        outcomes.note_attempt(self.delivery_id, self.batch.claim_id, tried)


def _is_trouble(outcome: Outcome) -> bool:
    """Whether to leave the server alone: to go on after a lost answer would put all mail in doubt."""
    return outcome.cool_down or outcome.verdict in {Verdict.SERVER_PROBLEM, Verdict.AMBIGUOUS}


def _words(outcome: Outcome) -> str:
    if outcome.code is None or outcome.reply.startswith(str(outcome.code)):
        return outcome.reply
    return f"{outcome.code} {outcome.reply}".strip()


def _write_surely(write: Callable[[], None], commit: Commit) -> None:
    """Write and commit, again and again while the database fails.

    To drop what the server answered would send the mail twice.
    """
    ends_at = time.monotonic() + KEEP_WRITING_S
    pause = 0.2
    while True:
        try:
            write()
            commit()
        except DBAPIError:
            db.session.rollback()
            if time.monotonic() > ends_at:
                raise
            log.exception("the outcome of a delivery could not be written, trying again")
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
        else:
            return
