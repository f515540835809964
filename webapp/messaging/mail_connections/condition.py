"""How a connection fares: paused after trouble for a growing while, resumed by the first success."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select, update

from webapp.core import config
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.row_changes import change_rows, execute_unflushed
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.mail.transports.base import Outcome, Problem, Step, Verdict
from webapp.messaging.mail_connections import pace
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.mail_connections.pace import Limit

FIRST_PAUSE_S: Final = 30
LONGEST_PAUSE_S: Final = 1800
LOCK_OUT_WINDOW_S: Final = 900
SIGN_IN_TRIES: Final = 3
LONGEST_WAIT: Final = timedelta(days=1)
_OFFERED: Final = frozenset({Step.RECIPIENT, Step.DATA, Step.BODY, Step.DOT})
_SIGN_IN_PROBLEMS: Final = frozenset({Problem.PASSWORD_REFUSED, Problem.BASIC_SIGN_IN_DISABLED})


_OF_ONE: Final = update(ConnectionState).where(ConnectionState.connection_id == bindparam("connection"))
_RESUME: Final = _OF_ONE.where(
    or_(ConnectionState.paused_since.is_not(None), ConnectionState.failures > 0),
    or_(ConnectionState.last_failed_at.is_(None), ConnectionState.last_failed_at <= bindparam("since")),
).values(
    paused_since=None, paused_until=None, pause_problem=None, pause_reply=None,
    failures=0, last_ok_at=bindparam("at"),
)  # fmt: skip
_NOTE_SUCCESS: Final = _OF_ONE.values(last_ok_at=bindparam("at"))
_NOTE_RATE: Final = _OF_ONE.values(
    per_second=func.coalesce(ConnectionState.per_second, bindparam("rate")) * 0.7 + bindparam("rate") * 0.3
)


class WaitReason(StrEnum):
    """Why nothing leaves through a connection now. Derived each time and never stored with a delivery."""

    UNRELEASED = "unreleased"
    DELETED = "connection_deleted"
    SWITCHED_OFF = "switched_off"
    PARAMETERS_INCOMPLETE = "parameters_incomplete"
    PAUSED = "paused"
    RATE_LIMIT = "rate_limit"
    DAY_LIMIT = "day_limit"
    NEXT_BATCH = "next_batch"


_LIMITS: Final = {
    Limit.MINUTE: WaitReason.RATE_LIMIT,
    Limit.DAY: WaitReason.DAY_LIMIT,
    Limit.BATCH: WaitReason.NEXT_BATCH,
}


def waiting_reason(connection: MailConnection | None, *, is_in_batch: bool = False) -> WaitReason | None:
    """Return why messages of the connection must wait; None when they may leave.

    Whoever ``is_in_batch`` does not wait for the next one.
    """
    if connection is not None and connection.unreleased_since is not None:
        return WaitReason.UNRELEASED
    if connection is None or connection.is_deleted:
        return WaitReason.DELETED
    if not connection.is_enabled:
        return WaitReason.SWITCHED_OFF
    if not connection.is_complete:
        return WaitReason.PARAMETERS_INCOMPLETE
    until = connection.state.paused_until
    if until is not None and now() < until <= now() + LONGEST_WAIT:  # later still: the clock was set back
        return WaitReason.PAUSED
    limit = pace.room(connection, now(), is_in_batch=is_in_batch).limit
    return None if limit is None else _LIMITS[limit]


def report_failure(connection_id: int, outcome: Outcome, problem: str | None = None) -> None:
    """Pause the connection; announces ``connection.paused`` when it worked before.

    ``problem`` stands in for the outcome's own when the fault is ours.
    """
    problem = problem or (outcome.problem.value if outcome.problem else None)
    failures = _count_failure(connection_id)
    is_first = change_rows(
        update(ConnectionState)
        .where(ConnectionState.connection_id == connection_id, ConnectionState.paused_since.is_(None))
        .values(paused_since=now())
    )
    pause = pause_after(failures, outcome)
    db.session.execute(
        update(ConnectionState)
        .where(ConnectionState.connection_id == connection_id)
        .values(
            paused_until=now() + pause,
            pause_problem=problem,
            pause_reply=outcome.reply[:500],
            last_failed_at=now(),
        )
    )
    if is_first:
        _announce(EventKind.CONNECTION_PAUSED, connection_id, {"problem": problem})


def report_success(connection_id: int, since: datetime) -> None:
    """Note that the server took mail; announces ``connection.resumed`` when it was paused.

    A session that was opened before the last failure, ``since`` when, ends no pause: the server may refuse
    another sign-in all the same.
    """
    values = {"connection": connection_id, "since": since, "at": now()}
    if execute_unflushed(_RESUME, values).rowcount:
        _announce(EventKind.CONNECTION_RESUMED, connection_id, {})
    else:
        execute_unflushed(_NOTE_SUCCESS, values)


def note_rate(connection_id: int, per_second: float) -> None:
    """Remember how fast messages left lately, for the estimate of the queue's end."""
    execute_unflushed(_NOTE_RATE, {"connection": connection_id, "rate": per_second})


def forget_pause(connection_id: int) -> None:
    """Let the connection be tried at once, since its settings changed; the cause of the pause stays shown."""
    db.session.execute(
        update(ConnectionState)
        .where(ConnectionState.connection_id == connection_id)
        .values(paused_until=None, failures=0)
    )


def pause_after(failures: int, outcome: Outcome) -> timedelta:
    """Return the pause after so many failures in a row: 30 s doubling to 30 minutes.

    A server that refuses the password locks the mailbox when asked too often, so it is asked at most
    three times in a quarter of an hour. A refusal of our settings at one mail may be about that one alone,
    so the next is tried soon.
    """
    if outcome.verdict is Verdict.SERVER_PROBLEM and outcome.step in _OFFERED:
        failures = 1
    seconds: float = min(FIRST_PAUSE_S * 2 ** min(failures - 1, 10), LONGEST_PAUSE_S)
    if outcome.problem in _SIGN_IN_PROBLEMS and failures >= SIGN_IN_TRIES:
        seconds = max(seconds, LOCK_OUT_WINDOW_S)
    seconds = max(seconds, outcome.retry_after_s or 0)
    return min(timedelta(seconds=seconds * config.current().retry_scale), LONGEST_WAIT)


def is_on_trial(connection: MailConnection) -> bool:
    """Whether the last try failed, so that only one session at a time may try again."""
    return connection.state.failures > 0


def _count_failure(connection_id: int) -> int:
    counted = (
        update(ConnectionState)
        .where(ConnectionState.connection_id == connection_id)
        .values(failures=ConnectionState.failures + 1)
    )
    change_rows(counted)
    query = select(ConnectionState.failures).where(ConnectionState.connection_id == connection_id)
    return db.session.scalar(query) or 1


def _announce(kind: EventKind, connection_id: int, data: dict[str, Any]) -> None:
    announce(kind, Subject("connection", connection_id), actor_id=None, data=data)
