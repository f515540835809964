"""The job that sends what is due through one connection, over one session."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Self

from jobs import stopping
from webapp.core import config, job_queue, leases
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.core.leases import Held
from webapp.core.secret_box import SecretLost
from webapp.job_names import JobName
from webapp.mail.transports.base import Outcome, Step, Transport, Verdict
from webapp.messaging.mail_connections import condition, pace, problems
from webapp.messaging.mail_connections.condition import WaitReason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.transports import open_transport
from webapp.messaging.messages import claims, recovery, restores
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.delivery import send_batch
from webapp.messaging.messages.heartbeat import heartbeat
from webapp.messaging.messages.models import Lane
from webapp.messaging.silent_mode import services as silent_mode

BUDGET_S = 60.0
BUDGET_WHILE_OTHERS_WAIT_S = 5.0
ASK_AGAIN_S = 0.5

#: A claim holds about what leaves in so many seconds, so that urgent messages do not wait long behind it.
CLAIM_S = 2.0


def deliver_mail(connection_id: int) -> None:
    """Send what is due through the connection until nothing is, time is up or the process must stop."""
    job_queue.answer(JobName.DELIVER_MAIL, connection_id)
    silent_mode.look()
    recovery.recover()
    db.session.commit()
    for number, lanes in _slots(connection_id):
        if not _is_worth_a_session(connection_id, number, lanes):
            continue
        with _slot(f"mail:{connection_id}:{number}") as held:
            if held is not None:
                _drain(connection_id, lanes, held)
        if held is not None:
            _look_once_more(connection_id, lanes)
            return


def _slots(connection_id: int) -> Iterator[tuple[int, Sequence[Lane]]]:
    """Yield the sessions that the server is asked for; of several, the last is kept for what is urgent."""
    connection = db.session.get(MailConnection, connection_id)
    most = connection.most_sessions if connection is not None else 0
    for number in range(most):
        is_kept = number == most - 1 and most > 1
        yield number, claims.URGENT_LANES if is_kept else claims.ALL_LANES


def _is_worth_a_session(connection_id: int, number: int, lanes: Sequence[Lane]) -> bool:
    connection = db.session.get(MailConnection, connection_id)
    # After a failure one session at a time finds out whether the server works again.
    is_allowed = connection is not None and (number == 0 or not condition.is_on_trial(connection))
    is_worth = is_allowed and claims.has_due(connection_id, lanes)
    db.session.commit()
    return is_worth


@contextlib.contextmanager
def _slot(name: str) -> Iterator[Held | None]:
    held = leases.take(name, config.current().lease)
    db.session.commit()
    try:
        yield held
    finally:
        if held is not None:
            db.session.rollback()
            leases.release(held)
            db.session.commit()


def _drain(connection_id: int, lanes: Sequence[Lane], held: Held) -> None:
    is_over = _budget()
    most = claims.BATCH
    with _Road(connection_id) as road:
        while not is_over():
            if not leases.renew(held, config.current().lease):
                return
            transport = road.transport()
            batch = road.claim(lanes, most) if transport is not None else None
            db.session.commit()
            if batch is None or transport is None:
                if _waits_for_limit(connection_id, lanes, is_over):
                    continue
                return
            failpoint("after_claim")
            _call_for_help(connection_id, batch, most)
            started = time.monotonic()
            with heartbeat(batch, held):
                if not send_batch(batch, transport, db.session.commit, is_over):
                    return
            most = _next_size(batch, time.monotonic() - started)


def _next_size(batch: Batch, seconds: float) -> int:
    """Return how many to take next: about what leaves in two seconds, growing by steps."""
    in_time = int(len(batch.delivery_ids) / max(seconds, 0.001) * CLAIM_S)
    return max(claims.BATCH, min(in_time, 2 * len(batch.delivery_ids), claims.LARGEST_BATCH))


def _call_for_help(connection_id: int, batch: Batch, most: int) -> None:
    """Ring for another sender when there is more than this one takes; it finds out whether a slot is free."""
    if len(batch.delivery_ids) >= most >= claims.LARGEST_BATCH:
        job_queue.ring(JobName.DELIVER_MAIL, connection_id)


def _waits_for_limit(connection_id: int, lanes: Sequence[Lane], is_over: Callable[[], bool]) -> bool:
    """Wait for the limit for a minute to open again, if it is all that keeps messages back."""
    connection = db.session.get(MailConnection, connection_id, populate_existing=True)
    is_limited = connection is not None and connection.most_per_minute is not None
    # No reason any more: it has opened since we looked.
    is_all = is_limited and condition.waiting_reason(connection) in {WaitReason.RATE_LIMIT, None}
    is_waiting = is_all and claims.is_any_due(connection_id, lanes)
    next_at = pace.room(connection, now()).next_at if connection is not None and is_waiting else None
    db.session.commit()
    if next_at is not None:
        _sleep_until(next_at, is_over)
    return is_waiting


def _sleep_until(moment: datetime, is_over: Callable[[], bool]) -> None:
    # Not so long that the slot is lost meanwhile.
    ends_at = time.monotonic() + min((moment - now()).total_seconds(), config.current().lease / 3)
    while not is_over() and (left := ends_at - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))  # in short naps, so that a stop is noticed


def _budget() -> Callable[[], bool]:
    started = time.monotonic()
    asks_at = started + BUDGET_WHILE_OTHERS_WAIT_S

    def is_over() -> bool:
        nonlocal asks_at
        moment = time.monotonic()
        if stopping.is_requested() or moment - started > BUDGET_S:
            return True
        if moment < asks_at:
            return False
        asks_at = moment + ASK_AGAIN_S  # it is asked before each message, and Redis is a long way off
        return job_queue.do_others_wait(JobName.DELIVER_MAIL)

    return is_over


class _Road:
    """The transport of a connection, made anew when somebody changes the connection meanwhile."""

    def __init__(self, connection_id: int) -> None:
        self.connection_id = connection_id
        self.version = 0
        self.current: Transport | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    def transport(self) -> Transport | None:
        """Return the transport; None when nothing may leave now."""
        restores.look()  # before each claim: the database may have been replaced while we work
        connection = db.session.get(MailConnection, self.connection_id, populate_existing=True)
        if connection is None or condition.waiting_reason(connection) is not None:
            return None
        if self.current is None or self.version != connection.version:
            self.close()
            self.current = _opened(connection)
            self.version = connection.version
        return self.current

    def claim(self, lanes: Sequence[Lane], most: int) -> Batch | None:
        """Take what is to travel by the present transport: nothing, when the settings were just changed."""
        return claims.claim_due(self.connection_id, lanes, most, self.version)

    def close(self) -> None:
        """Say good-bye to the server; everything is committed by now, so this cannot hurt."""
        if self.current is not None:
            self.current.close()
        self.current = None


def _opened(connection: MailConnection) -> Transport | None:
    try:
        return open_transport(connection)
    except SecretLost:
        failed = Outcome(Verdict.SERVER_PROBLEM, Step.SIGN_IN)
        condition.report_failure(connection.id, failed, problems.SECRET_LOST)
        return None


def _look_once_more(connection_id: int, lanes: Sequence[Lane]) -> None:
    """Ring for what came between our last look and our giving the slot back; its own ring found it taken.

    Only who held the slot does so: were everybody to ring who found it taken, one server that hangs would
    keep the mailer busy with rings.
    """
    is_more = claims.has_due(connection_id, lanes)
    db.session.commit()
    if is_more:
        job_queue.ring(JobName.DELIVER_MAIL, connection_id)
