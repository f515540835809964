"""A message with its bytes on its way, and what became of each of its recipients."""

from __future__ import annotations

from typing import Any, NamedTuple

from webapp.mail.transports.base import Outcome, Parcel, Problem, Verdict
from webapp.messaging.messages import outcomes
from webapp.messaging.messages.classes import RULES
from webapp.messaging.messages.dots import Taken
from webapp.messaging.messages.loading import Due, Loaded
from webapp.messaging.messages.models import DeliveryState
from webapp.messaging.messages.outcomes import RetryRule, Tried


class Packed(NamedTuple):
    """A message with the bytes that were made of it, and how many such are committed together."""

    loaded: Loaded
    parcel: Parcel
    sha256: str
    group_size: int

    @property
    def delivery_ids(self) -> list[int]:
        """The deliveries that travel with these bytes."""
        return [due.delivery_id for due in self.loaded.due]

    @property
    def octets(self) -> int:
        """How large the mail is."""
        return len(self.parcel.raw)


class Answer(NamedTuple):
    """What became of one recipient, to be written."""

    loaded: Loaded
    due: Due
    outcome: Outcome
    ms: int

    @property
    def is_taken(self) -> bool:
        """Whether the server has the mail."""
        return self.outcome.verdict is Verdict.SENT

    def as_taken(self) -> Taken:
        """Return what is written about it when it was taken."""
        due, outcome = self.due, self.outcome
        return {"delivery": due.delivery_id, "attempts": due.attempts + 1, "reply": outcome.reply or None}

    @property
    def tried(self) -> Tried:
        """Return the line that it adds to the delivery's story."""
        outcome = self.outcome
        problem = outcome.problem.value if outcome.problem else None
        return Tried(outcome.step.value, outcome.verdict.value, problem, _words(outcome), self.ms)

    @property
    def _most_copies(self) -> int:
        return RULES[self.loaded.message_class].most_copies

    def late_values(self, rule: RetryRule) -> dict[str, Any]:
        """Return the columns when the answer to the dot came after the delivery was taken back."""
        due, outcome = self.due, self.outcome
        values = outcomes.values_after(outcome, due.attempts, due.ambiguous, self._most_copies, rule)
        return {name: value for name, value in values.items() if name not in {"attempts", "ambiguous"}}

    def values(self, rule: RetryRule) -> dict[str, Any]:
        """Return the delivery's columns when it was not sent."""
        due, outcome = self.due, self.outcome
        values = outcomes.values_after(outcome, due.attempts, due.ambiguous, self._most_copies, rule)
        if outcome.problem is Problem.INTERNAL_ERROR:
            failures = outcomes.count_failures(due.delivery_id, Problem.INTERNAL_ERROR) + 1
            if failures >= outcomes.MOST_FAILURES:  # it breaks each time, so it is not tried for ever
                is_past_dot = outcome.verdict is Verdict.AMBIGUOUS
                values["state"] = (DeliveryState.UNCERTAIN if is_past_dot else DeliveryState.HELD).value
        return values


def is_trouble(outcome: Outcome) -> bool:
    """Whether to leave the server alone: to go on after a lost answer would put all mail in doubt."""
    return outcome.cool_down or outcome.verdict in {Verdict.SERVER_PROBLEM, Verdict.AMBIGUOUS}


def _words(outcome: Outcome) -> str:
    if outcome.code is None or outcome.reply.startswith(str(outcome.code)):
        return outcome.reply
    return f"{outcome.code} {outcome.reply}".strip()
