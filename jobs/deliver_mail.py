"""The job that sends what is due through one connection, over one session."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from jobs import stopping
from webapp.core import config, job_queue, leases
from webapp.core.db import db
from webapp.core.failpoints import failpoint
from webapp.core.leases import Held
from webapp.core.secret_box import SecretLost
from webapp.job_names import JobName
from webapp.mail.transports.base import Outcome, Step, Transport, Verdict
from webapp.messaging.mail_connections import condition, problems
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.transports import open_transport
from webapp.messaging.messages import claims, recovery
from webapp.messaging.messages.delivery import send_batch
from webapp.messaging.messages.models import Lane

BUDGET_S = 60.0
BUDGET_WHILE_OTHERS_WAIT_S = 5.0

# At most two sessions with one server, and one of them is kept for what cannot wait behind bulk.
SLOTS: tuple[tuple[int, Sequence[Lane]], ...] = ((0, claims.ALL_LANES), (1, claims.URGENT_LANES))


def deliver_mail(connection_id: int) -> None:
    """Send what is due through the connection until nothing is, time is up or the process must stop."""
    job_queue.answer(JobName.DELIVER_MAIL, connection_id)
    recovery.recover()
    db.session.commit()
    for number, lanes in SLOTS:
        if not _is_worth_a_session(connection_id, number, lanes):
            continue
        with _slot(f"mail:{connection_id}:{number}") as held:
            if held is not None:
                _drain(connection_id, lanes, held)
        if held is not None:
            _look_once_more(connection_id, lanes)
            return


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
    with _Road(connection_id) as road:
        while not is_over():
            transport = road.transport()
            batch = claims.claim_due(connection_id, lanes) if transport is not None else None
            db.session.commit()
            if batch is None or transport is None:
                return
            failpoint("after_claim")
            with claims.heartbeat(batch, held):
                if not send_batch(batch, transport, db.session.commit, is_over):
                    return


def _budget() -> Callable[[], bool]:
    started = time.monotonic()

    def is_over() -> bool:
        spent = time.monotonic() - started
        if stopping.is_requested() or spent > BUDGET_S:
            return True
        return spent > BUDGET_WHILE_OTHERS_WAIT_S and job_queue.do_others_wait(JobName.DELIVER_MAIL)

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
        connection = db.session.get(MailConnection, self.connection_id, populate_existing=True)
        if connection is None or condition.waiting_reason(connection) is not None:
            return None
        if self.current is None or self.version != connection.version:
            self.close()
            self.current = _opened(connection)
            self.version = connection.version
        return self.current

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
