"""What the server's answer makes of a delivery: its next state, its next try, the record of the attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, func, insert, select

from webapp.core import config
from webapp.core.clock import now
from webapp.core.db import db
from webapp.mail.transports.base import Outcome, Step, Verdict
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.models import Attempt, DeliveryState

RETRY_MINUTES: Final = (1, 5, 15, 30)
LATER_MINUTES: Final = 60
EXPIRES_AFTER: Final = timedelta(hours=72)
MOST_FAILURES: Final = 3
OPENING: Final = frozenset({Step.RESOLVE, Step.CONNECT, Step.TLS, Step.SIGN_IN})
BEFORE_THE_MAIL: Final = OPENING | {Step.SENDER}


class Cause(StrEnum):
    """Causes that are ours; the others are the transport's problems."""

    WORKER_DIED = "worker_died"
    INTERNAL_ERROR = "internal_error"
    BYTES_CHANGED = "bytes_changed"
    TIME_RAN_OUT = "time_ran_out"
    ATTEMPTS_USED_UP = "attempts_used_up"
    GUARD_HELD = "guard_held"
    RENDER_FAILED = "render_failed"
    BODY_MISSING = "body_missing"
    SILENT_MODE = "silent_mode"
    TOO_MANY = "too_many"
    SECRET_LOST = "secret_lost"  # noqa: S105 - a word for pages


@dataclass(frozen=True)
class Tried:
    """How far one try went and what was said."""

    step: str
    verdict: str
    problem: str | None
    reply: str = ""
    ms: int = 0


class RetryRule(NamedTuple):
    """How a mail is tried again: the pause, None for one that grows; and how often, None for any number."""

    pause_s: int | None = None
    most_attempts: int | None = None


GROWING: Final = RetryRule()


def rule_of(connection: MailConnection) -> RetryRule:
    """Return the rule of the connection's sending parameters."""
    return RetryRule(connection.retry_pause_s, connection.most_attempts)


def retry_delay(attempts: int, retry_after_s: float | None = None, pause_s: float | None = None) -> timedelta:
    """Return the pause after so many tries: 1, 5, 15, 30 minutes, then hourly, unless there is a fixed one.

    It is longer if the server asks for that.
    """
    minutes = RETRY_MINUTES[attempts - 1] if 0 < attempts <= len(RETRY_MINUTES) else LATER_MINUTES
    seconds = max(minutes * 60.0 if pause_s is None else pause_s, retry_after_s or 0.0)
    return timedelta(seconds=seconds * config.current().retry_scale)


def is_servers_fault(outcome: Outcome) -> bool:
    """Whether every message would have fared so, and the try is not counted against this one.

    Settings that are found wrong only when a mail is offered may be wrong for this one alone, as at a server
    that passes on mail to its own company only. Such a mail waits for its own time, so that others can pass.
    """
    if outcome.verdict is Verdict.SERVER_PROBLEM:
        return outcome.step in BEFORE_THE_MAIL
    return outcome.verdict is Verdict.LATER and outcome.step in OPENING


def values_after(
    outcome: Outcome, attempts: int, ambiguous: int, most_copies: int, rule: RetryRule = GROWING
) -> dict[str, Any]:
    """Return a delivery's columns after an outcome; ``attempts`` and ``ambiguous`` are those before it."""
    values: dict[str, Any] = {
        "cause": outcome.problem.value if outcome.problem else None,
        "reply": outcome.reply or None,
        "state": DeliveryState.WAITING.value,
    }
    if is_servers_fault(outcome):
        return values
    values["attempts"] = attempts + 1
    if outcome.verdict is Verdict.SENT:
        sent = {"state": DeliveryState.SENT.value, "sent_at": now(), "cause": None}
        return values | sent | {"ambiguous": ambiguous}
    if outcome.verdict is Verdict.REFUSED:
        # Only this copy is refused; an earlier one may lie in the person's mailbox.
        state = DeliveryState.UNCERTAIN if ambiguous else DeliveryState.REFUSED
        return values | {"state": state.value}
    values["due_at"] = now() + retry_delay(attempts + 1, outcome.retry_after_s, rule.pause_s)
    if outcome.verdict is Verdict.AMBIGUOUS:
        values |= after_lost_answer(ambiguous, most_copies)
    return values | after_last_attempt(attempts + 1, values.get("ambiguous", ambiguous), rule)


def after_last_attempt(attempts: int, ambiguous: int, rule: RetryRule) -> dict[str, Any]:
    """Return the columns that end a delivery which was tried as often as its connection allows; else nothing.

    One of which a server may have a copy becomes uncertain: to call it unsent would invite a second one.
    """
    if rule.most_attempts is None or attempts < rule.most_attempts:
        return {}
    state = DeliveryState.UNCERTAIN if ambiguous else DeliveryState.EXPIRED
    return {"state": state.value, "cause": Cause.ATTEMPTS_USED_UP.value}


def after_lost_answer(ambiguous: int, most_copies: int) -> dict[str, Any]:
    """Return the columns after a dot whose answer was lost: at the last copy allowed a person decides."""
    values: dict[str, Any] = {"ambiguous": ambiguous + 1}
    if ambiguous + 1 >= most_copies:
        values["state"] = DeliveryState.UNCERTAIN.value
    return values


_ATTEMPT: Final = insert(Attempt).values(
    n=select(func.coalesce(func.max(Attempt.n), 0) + 1)
    .where(Attempt.delivery_id == bindparam("of"))
    .scalar_subquery()
)


def note_attempts(claim_id: int | None, tried: Mapping[int, Tried]) -> None:
    """Add a line to the stories of deliveries. The caller commits."""
    common = {"claim_id": claim_id, "at": now()}
    rows = [common | {"of": number, "delivery_id": number} | vars(one) for number, one in tried.items()]
    if rows:
        db.session.connection().execute(_ATTEMPT, rows)


def count_failures(delivery_id: int, problem: str) -> int:
    """Return how many attempts ended with the problem."""
    query = select(func.count()).where(Attempt.delivery_id == delivery_id, Attempt.problem == problem)
    return db.session.scalar(query) or 0
