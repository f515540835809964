"""Sends the deliveries of a claim: loads them, makes their bytes, has them carried."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from webapp.core.db import db, reading
from webapp.mail.transports.base import Envelope, Parcel, Transport
from webapp.messaging.mail_connections import condition
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import claims, fence, hours, loading, outcomes
from webapp.messaging.messages.answers import Packed
from webapp.messaging.messages.assembly import CannotBuild, Letterhead, assemble
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.classes import RULES
from webapp.messaging.messages.ledger import BatchLedger, Commit
from webapp.messaging.messages.loading import Loaded
from webapp.messaging.messages.outcomes import Cause
from webapp.messaging.silence.queries import Silence, present

log = logging.getLogger(__name__)

MOST_OCTETS_AHEAD: Final = 1_000_000
MOST_AHEAD: Final = 20
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
        self.ledger = BatchLedger(batch, commit, self.prepare)
        self.safe: Iterator[Loaded] = iter(())
        self.ahead: deque[Packed | None] = deque()
        self.octets_ahead = 0

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
        with reading():
            connection = db.session.get_one(MailConnection, self.batch.connection_id)
            self.mode = connection.sending_mode
            self.letterhead = Letterhead.of(connection)
            self.sends_in_parts = connection.sends_in_parts
            self.ledger.retry = outcomes.rule_of(connection)
            silence = present()
            messages = loading.load(self.batch)
        if silence.is_on:
            messages = self._without_kept_back(messages, silence)
        dangerous = [one for one in messages if any(due.cause == Cause.WORKER_DIED for due in one.due)]
        self.safe = iter([one for one in messages if one not in dangerous])
        for group in self._groups(chain(self._made(), self._made_with_care(dangerous))):
            self.ledger.expect(group)
            for packed in group:
                yield packed.parcel

    def _without_kept_back(self, messages: Sequence[Loaded], silence: Silence) -> list[Loaded]:
        """Suppress what waited when silent mode was turned on. Later no dot would be allowed any more."""
        dues = [due for one in messages for due in one.due]
        if kept_back := [due for due in dues if silence.keeps_back(due.address)]:
            self.ledger.suppress(kept_back)
        left = [
            one._replace(due=tuple(due for due in one.due if not silence.keeps_back(due.address)))
            for one in messages
        ]
        return [one for one in left if one.due]

    def _made(self) -> Iterator[Packed]:
        """Make the messages, those that are ready first. Before each it is asked whether to stop."""
        while not self.stop():
            if not self.ahead and not self.prepare():
                return
            if packed := self.ahead.popleft():
                self.octets_ahead -= packed.octets
                yield packed

    def prepare(self) -> bool:
        """Make one more message ready; False when there is none, or when enough are ready."""
        is_enough = len(self.ahead) >= MOST_AHEAD or self.octets_ahead > MOST_OCTETS_AHEAD
        loaded = None if is_enough else next(self.safe, None)
        if loaded is None:
            return False
        packed = self._packed(loaded)
        self.ahead.append(packed)
        self.octets_ahead += packed.octets if packed else 0
        return True

    def _made_with_care(self, dangerous: Sequence[Loaded]) -> Iterator[Packed]:
        """Make one of the messages with which a worker died last: it may do so again.

        It comes last and is marked before anything is made of it, while no other mail is on its way; the
        others are not to blame for what it does.
        """
        for one in dangerous[:1]:
            if self.stop():
                return
            fence.mark_started(self.batch, [due.delivery_id for due in one.due])
            self.commit()
            if packed := self._packed(one):
                yield packed

    def _groups(self, made: Iterable[Packed]) -> Iterator[list[Packed]]:
        """Gather messages whose states are committed together."""
        group: list[Packed] = []
        octets = 0
        for packed in made:
            if group and (packed.group_size == 1 or octets > MOST_OCTETS_AHEAD):
                yield group
                group, octets = [], 0
            group.append(packed)
            octets += packed.octets
            if len(group) >= packed.group_size:
                yield group
                group, octets = [], 0
        if group:
            yield group

    def _packed(self, loaded: Loaded) -> Packed | None:
        """Make the bytes of a message; None when it cannot or must not be sent, which is noted."""
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
        group_size = RULES[loaded.message_class].group_size(self.mode)
        parcel = Parcel(
            loaded.message_id,
            envelope,
            assembled.raw,
            may_hurry=group_size > 1,
            all_or_none=not self.sends_in_parts,
        )
        return Packed(loaded, parcel, assembled.sha256, group_size)
