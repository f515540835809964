"""The road of a connection's mail: its transport while it lasts, and the batches in which mail travels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.secret_box import SecretLost
from webapp.mail.transports.base import Outcome, Step, Transport, Verdict
from webapp.messaging.mail_connections import condition, pace, problems
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.mail_connections.transports import open_transport
from webapp.messaging.messages import claims, restores
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Lane


class Road:
    """The transport of a connection, made anew when somebody changes the connection meanwhile.

    Where mail leaves in batches, each of them is a session: ``left`` is how many may still leave in this one,
    None for any number, and ``is_in_batch`` that some have.
    """

    def __init__(self, connection_id: int) -> None:
        self.connection_id = connection_id
        self.version = 0
        self.current: Transport | None = None
        self.left: int | None = None
        self.is_in_batch = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    def transport(self) -> Transport | None:
        """Return the transport; None when nothing may leave now."""
        restores.look()  # before each claim: the database may have been replaced while we work
        connection = db.session.get(MailConnection, self.connection_id, populate_existing=True)
        if connection is None:
            return None
        if condition.waiting_reason(connection, is_in_batch=self.is_in_batch) is not None:
            return None
        if self.current is None or self.version != connection.version:
            self.close()
            self.current = _opened(connection)
            self.version, self.left = connection.version, connection.most_in_batch
        return self.current

    def claim(self, lanes: Sequence[Lane], most: int) -> Batch | None:
        """Take what is to travel by the present transport: nothing, when the settings were just changed."""
        if self.left is None:
            return claims.claim_due(self.connection_id, lanes, most, self.version)
        most = min(most, self.left)
        batch = claims.claim_due(self.connection_id, lanes, most, self.version, is_in_batch=self.is_in_batch)
        if batch is not None:
            self.left, self.is_in_batch = max(0, self.left - len(batch.delivery_ids)), True
        return batch

    def end_full_batch(self) -> None:
        """Leave the server when as many have left as make a batch."""
        if self.left == 0:
            self.close()

    def close(self) -> None:
        """Say good-bye to the server; everything is committed by now, so this cannot hurt."""
        if self.current is not None:
            self.current.close()
        self.current, self.left = None, None
        if self.is_in_batch:
            self.is_in_batch = False
            self._note_end()

    def _note_end(self) -> None:
        """Count the interval from here; until now it was counted from the beginning of the batch."""
        db.session.rollback()
        connection = db.session.get(MailConnection, self.connection_id)
        if connection is not None and connection.batch_interval_s is not None:
            db.session.get(ConnectionState, self.connection_id, populate_existing=True, with_for_update=True)
            pace.end_batch(connection, now())
        db.session.commit()


def _opened(connection: MailConnection) -> Transport | None:
    try:
        return open_transport(connection)
    except SecretLost:
        failed = Outcome(Verdict.SERVER_PROBLEM, Step.SIGN_IN)
        condition.report_failure(connection.id, failed, problems.SECRET_LOST)
        return None
