"""Sends the deliveries of a claim: loads them, makes their bytes, has them carried."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from webapp.core.db import db
from webapp.mail.transports.base import Envelope, Parcel, Transport
from webapp.messaging.mail_connections import condition
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import claims, fence, hours, loading
from webapp.messaging.messages.answers import Packed
from webapp.messaging.messages.assembly import CannotBuild, Letterhead, assemble
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.classes import RULES
from webapp.messaging.messages.ledger import BatchLedger, Commit
from webapp.messaging.messages.loading import Loaded
from webapp.messaging.messages.outcomes import Cause

log = logging.getLogger(__name__)

MOST_OCTETS_AHEAD: Final = 1_000_000
ENOUGH_TO_MEASURE: Final = 5


def send_batch(
    batch: Batch, transport: Transport, commit: Commit, stop: Callable[[], bool] = lambda: False
) -> bool:
    """Send the deliveries of a claim one after another; says whether the server can take more.

    Before each message it looks whether it should ``stop``. What was not begun is given back. No transaction
    stands open while the wire is waited for.
    """
    return _Sending(batch, commit, stop).run(transport)


class _Sending:
    """A batch on its way."""

    def __init__(self, batch: Batch, commit: Commit, stop: Callable[[], bool]) -> None:
        self.batch = batch
        self.commit = commit
        self.stop = stop
        self.ledger = BatchLedger(batch, commit)

    def run(self, transport: Transport) -> bool:
        started = time.monotonic()
        try:
            transport.carry(self._parcels(), self.ledger)
        finally:
            db.session.rollback()
            self.ledger.close(lambda: self._end(time.monotonic() - started))
        return not self.ledger.is_in_trouble

    def _end(self, seconds: float) -> None:
        claims.give_back(self.batch)
        hours.note_tries(self.batch.connection_id, self.ledger.taken, self.ledger.failed)
        if self.ledger.taken >= ENOUGH_TO_MEASURE:
            condition.note_rate(self.batch.connection_id, self.ledger.taken / seconds)

    def _parcels(self) -> Iterator[Parcel]:
        """Yield the mails, made a group at a time; nothing is read from the database while they travel."""
        connection = db.session.get_one(MailConnection, self.batch.connection_id)
        mode = connection.sending_mode
        self.letterhead = Letterhead(
            connection.system_address, connection.sender_name, connection.support_address
        )
        messages = loading.load(self.batch)
        self.commit()
        for group in self._groups(self._safe_first(messages), mode):
            self.ledger.expect(group)
            for packed in group:
                yield packed.parcel

    def _safe_first(self, messages: Sequence[Loaded]) -> Iterator[Loaded]:
        """Put the messages with which a worker died last, and of these take one: it may do so again.

        That one is marked before anything is made of it; the others are not to blame for what it does.
        """
        dangerous = [one for one in messages if any(due.cause == Cause.WORKER_DIED for due in one.due)]
        yield from (one for one in messages if one not in dangerous)
        for one in dangerous[:1]:
            fence.mark_started(self.batch, [due.delivery_id for due in one.due])
            self.commit()
            yield one

    def _groups(self, messages: Iterator[Loaded], mode: str) -> Iterator[list[Packed]]:
        """Gather messages whose states are committed together."""
        group: list[Packed] = []
        for packed in filter(None, map(self._packed, messages)):
            size = RULES[packed.loaded.message_class].group_size(mode)
            if group and (size == 1 or _octets(group) > MOST_OCTETS_AHEAD):
                yield group
                group = []
            group.append(packed)
            if len(group) >= size:
                yield group
                group = []
        if group:
            yield group

    def _packed(self, loaded: Loaded) -> Packed | None:
        """Make the bytes of a message; None when it cannot or must not be sent, which is noted."""
        if self.stop():
            return None
        try:
            assembled = assemble(loaded, self.letterhead)
        except CannotBuild as error:
            self.ledger.hold(loaded, error.cause, error.detail)
            return None
        except Exception:
            log.exception("message %s broke before it was sent", loaded.message_id)
            self.ledger.note_broken(loaded)
            return None
        if any(due.ambiguous and due.raw_sha256 not in {None, assembled.sha256} for due in loaded.due):
            self.ledger.give_up_repeating(loaded)
            return None
        envelope = Envelope(self.letterhead.system_address, tuple(due.address for due in loaded.due))
        return Packed(loaded, Parcel(loaded.message_id, envelope, assembled.raw), assembled.sha256)


def _octets(group: Sequence[Packed]) -> int:
    return sum(len(packed.parcel.raw) for packed in group)
