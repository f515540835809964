"""What is written while a batch travels: before the dots and after them, several messages in one commit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from webapp.core import config
from webapp.core.clock import now
from webapp.core.failpoints import failpoint
from webapp.core.passing_trouble import is_passing
from webapp.core.persistence import persist
from webapp.mail.transports.base import Outcome, Parcel, Problem, Step, Verdict
from webapp.messaging.mail_connections import condition
from webapp.messaging.messages import claims, dots, fence, outcomes, recovery, silencing
from webapp.messaging.messages.answers import Answer, Packed, is_trouble
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.loading import Due, Loaded
from webapp.messaging.messages.models import DeliveryState
from webapp.messaging.messages.outcomes import Cause, Tried

log = logging.getLogger(__name__)

Commit = Callable[[], None]
_NEWS_OF_SUCCESS_S: Final = 5.0


class BatchLedger:
    """Keeps the promise that what may be with the server is written before, and what is there right after.

    Messages are announced in groups. Before the first dot of a group one commit writes that all its dots are
    about to be sent, and with it which messages before were taken.
    """

    def __init__(self, batch: Batch, commit: Commit, prepare: Callable[[], object] = lambda: None) -> None:
        self._batch = batch
        self._commit = commit
        self._prepare = prepare
        self._dots = dots.Writer(batch)
        self._groups: dict[int, Sequence[Packed]] = {}
        self._permitted: dict[int, Packed] = {}
        self._travelling: dict[int, Packed] = {}
        self._taken: list[Answer] = []
        self._others: list[Answer] = []
        self._late: list[Answer] = []
        self._not_permitted: list[Packed] = []
        self._permitted_at = 0.0
        self._began_at = now()
        self._is_well = False
        self._started_at = time.perf_counter()
        self._told_success_at = time.monotonic()
        self._lease_s = config.current().lease
        self._is_over = False
        self.retry = outcomes.GROWING
        self.is_in_trouble = False
        self.taken = 0
        self.failed = 0

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
        elif self._permitted and self._is_stale():
            self._permit(list(self._permitted.values()))
        return self._permitted.pop(parcel.number, None) is not None

    def settle(self, parcel: Parcel, answers: Mapping[str, Outcome]) -> bool:
        """Keep what became of the recipients until the next commit."""
        self._keep(self._travelling.pop(parcel.number).loaded, answers, self._ms())
        self.is_in_trouble = any(map(is_trouble, answers.values()))
        return not self.is_in_trouble and not self._is_over

    def flush(self) -> None:
        """Write and commit what was settled."""
        if self._taken:
            self._surely(lambda: self._write_taken(()))
        self._write_the_rest()

    def while_waiting(self) -> None:
        """Prepare a mail that comes later."""
        self._prepare()

    def note_broken(self, loaded: Loaded) -> None:
        """Note an error of our own, before any word about the message was said."""
        broken = Outcome(Verdict.LATER, Step.BODY, problem=Problem.INTERNAL_ERROR)
        self._keep(loaded, dict.fromkeys((due.address for due in loaded.due), broken), 0)

    def hold(self, loaded: Loaded, cause: str, detail: str = "") -> None:
        """Write that no mail can be made of a message and that a person has to look at it."""
        log.warning("message %s is held: %s %s", loaded.message_id, cause, detail)
        self._give_up(loaded.due, DeliveryState.HELD, Verdict.REFUSED, cause, detail)

    def suppress(self, dues: Sequence[Due]) -> None:
        """Write that nothing leaves for these recipients while silent mode is on."""

        def write() -> None:
            ours = [
                due
                for due in dues
                if fence.settle(
                    self._batch,
                    due.delivery_id,
                    silencing.DOUBTFUL if due.ambiguous else silencing.SUPPRESSED,
                )
            ]
            claims.give_back_to_limits(self._batch.connection_id, len(ours))

        self._surely(write)

    def give_up_repeating(self, loaded: Loaded) -> None:
        """Other bytes would be another mail: who may have the first would get two different ones."""
        doubtful = [due for due in loaded.due if due.ambiguous]
        self._give_up(doubtful, DeliveryState.UNCERTAIN, Verdict.AMBIGUOUS, Cause.BYTES_CHANGED)

    def close(self, write: Callable[[], object]) -> None:
        """Write what is left to be written: answers, dots announced and never sent, and ``write``."""
        try:
            self._close(write)
        finally:
            self._dots.close()

    def _close(self, write: Callable[[], object]) -> None:
        self.flush()
        never_sent = [*self._permitted.values(), *self._not_permitted]
        unsent = [number for packed in never_sent for number in packed.delivery_ids]

        def write_all() -> None:
            fence.unpass_dot(self._batch, unsent)
            self._report_success()
            write()

        self._surely(write_all)

    def _keep(self, loaded: Loaded, answers: Mapping[str, Outcome], ms: int) -> None:
        for due in loaded.due:
            answer = Answer(loaded, due, answers[due.address], ms)
            if answer.is_taken:
                self._taken.append(answer)
                self.taken += 1
            elif answer.outcome.problem is not Problem.LOST_CLAIM:
                self._others.append(answer)
                self.failed += 1

    def _permit(self, group: Sequence[Packed]) -> None:
        """Commit that the dots are about to be sent, with the mails before that were taken.

        When the database fails, the answers are written as soon as it can, and no dot is allowed.
        """
        self._write_the_rest()
        self._permitted = {}
        try:
            permitted = self._write_taken(group)
        except SQLAlchemyError as error:
            if not is_passing(error):
                raise
            log.exception("the dot of a mail could not be announced")
            self._is_over = True
            self._not_permitted += group
            self.flush()
            return
        failpoint("dot_committed")
        self._permitted = {one.parcel.number: one for one in permitted}
        self._permitted_at = time.monotonic()
        self._not_permitted += [one for one in group if one.parcel.number not in self._permitted]
        self._is_over = len(permitted) < len(group) and not self._holds()

    def _is_stale(self) -> bool:
        """Whether so much time has passed that the claim may be another's by now."""
        return time.monotonic() - self._permitted_at > self._lease_s / 2

    def _write_taken(self, group: Sequence[Packed]) -> list[Packed]:
        """Write and commit what was taken; returns the mails of the group whose dots may be sent.

        A mail for several people is sent to all of them that are left or not at all.
        """
        taken = [one.as_taken() for one in self._taken]
        sha256 = {number: packed.sha256 for packed in group for number in packed.delivery_ids}
        written = self._dots.record(taken, sha256)
        if taken:
            failpoint("after_commit")
            self._late += [one for one in self._taken if one.due.delivery_id not in written.taken]
            self._taken, self._is_well = [], True
        return [packed for packed in group if written.permitted.issuperset(packed.delivery_ids)]

    def _write_the_rest(self) -> None:
        """Write by the session what a dot does not wait for: answers of another kind, news of success."""
        if self._late or self._others:
            self._surely(self._write_others)
            self._late, self._others = [], []
            self._is_well = self._is_well and not self.is_in_trouble
        if time.monotonic() - self._told_success_at > _NEWS_OF_SUCCESS_S:
            self._surely(self._report_success)
            self._told_success_at = time.monotonic()
            self._is_well = False

    def _report_success(self) -> None:
        """Tell the connection that the server took mail: after a while, and when the batch is over."""
        if self._is_well:
            condition.report_success(self._batch.connection_id, self._began_at)

    def _write_others(self) -> None:
        for one in self._late:
            self._settle_late(one)
        settled = {one.due.delivery_id: one for one in self._others if self._settle(one)}
        tried = {number: one.tried for number, one in settled.items()}
        outcomes.note_attempts(self._batch.claim_id, tried)
        never_left = sum(one.outcome.step is not Step.DOT for one in settled.values())
        claims.give_back_to_limits(self._batch.connection_id, never_left)
        trouble = next((one.outcome for one in settled.values() if is_trouble(one.outcome)), None)
        if trouble is not None:
            self._report_success()  # before, since a failure after a success begins a new count
            condition.report_failure(self._batch.connection_id, trouble)
        elif any(one.outcome.code is not None for one in settled.values()):
            self._is_well = True

    def _settle(self, answer: Answer) -> bool:
        if fence.settle(self._batch, answer.due.delivery_id, answer.values(self.retry)):
            return True
        self._settle_late(answer)
        return False

    def _settle_late(self, answer: Answer) -> None:
        """The database may have been busy for longer than the lease; an answer that is known still counts."""
        if answer.outcome.step is Step.DOT and answer.outcome.verdict is not Verdict.AMBIGUOUS:
            recovery.settle_late(self._batch.claim_id, answer.due.delivery_id, answer.late_values(self.retry))

    def _holds(self) -> bool:
        """Whether what was refused was a message alone, and not the claim or the connection as a whole."""
        holds = fence.holds(self._batch)
        self._commit()
        return holds

    def _ms(self) -> int:
        """Milliseconds since the answer before."""
        before, self._started_at = self._started_at, time.perf_counter()
        return round((self._started_at - before) * 1000)

    def _give_up(
        self, dues: Sequence[Due], state: DeliveryState, verdict: Verdict, cause: str, detail: str = ""
    ) -> None:
        def write() -> None:
            values = {"state": state.value, "cause": str(cause), "reply": detail or None}
            tried = Tried("build", verdict.value, str(cause), detail)
            numbers = [due.delivery_id for due in dues]
            ours = {number: tried for number in numbers if fence.settle(self._batch, number, values)}
            outcomes.note_attempts(self._batch.claim_id, ours)
            claims.give_back_to_limits(self._batch.connection_id, len(ours))

        self._surely(write)

    def _surely(self, write: Callable[[], object]) -> None:
        """To drop what the server answered would send the mail twice."""
        persist(write, self._commit)
