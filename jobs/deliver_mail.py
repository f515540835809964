"""The job that sends what is due through one connection, over one session."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from jobs import stopping
from jobs.mail_road import Road
from webapp.core import config, job_queue, leases
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.core.leases import Held
from webapp.job_names import JobName
from webapp.messaging.mail_connections import condition, pace
from webapp.messaging.mail_connections.condition import WaitReason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import claims, recovery
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.delivery import send_batch
from webapp.messaging.messages.heartbeat import heartbeat
from webapp.messaging.messages.models import Lane
from webapp.messaging.silent_mode import services as silent_mode

BUDGET_S = 60.0
BUDGET_WHILE_OTHERS_WAIT_S = 5.0
ASK_AGAIN_S = 0.5

#: What is worth waiting for; no reason any more: it has opened since we looked.
_OPENS_SOON: Final = frozenset({WaitReason.RATE_LIMIT, WaitReason.NEXT_BATCH, None})
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
    """Yield the sessions that the server is asked for; of several, the last is kept for what is urgent.

    Batches with an interval between them come one after another, so there is one session.
    """
    connection = db.session.get(MailConnection, connection_id)
    most = connection.most_sessions if connection is not None else 0
    if connection is not None and connection.batch_interval_s is not None:
        most = 1
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
    with Road(connection_id) as road:
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
            road.end_full_batch()
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
    """Wait for the next batch or the limit for a minute, if that is all that keeps messages back."""
    connection = db.session.get(MailConnection, connection_id, populate_existing=True)
    is_limited = connection is not None and pace.opens_soon(connection)
    is_all = is_limited and condition.waiting_reason(connection) in _OPENS_SOON
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


def _look_once_more(connection_id: int, lanes: Sequence[Lane]) -> None:
    """Ring for what came between our last look and our giving the slot back; its own ring found it taken.

    Only who held the slot does so: were everybody to ring who found it taken, one server that hangs would
    keep the mailer busy with rings.
    """
    is_more = claims.has_due(connection_id, lanes)
    db.session.commit()
    if is_more:
        job_queue.ring(JobName.DELIVER_MAIL, connection_id)
