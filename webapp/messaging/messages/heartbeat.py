"""The heartbeat of a claim: as long as it beats, nobody takes the deliveries for abandoned."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, update

from webapp.core import config
from webapp.core.clock import sql_now
from webapp.core.db import db
from webapp.core.leases import Held, Lease
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Claim

log = logging.getLogger(__name__)


@contextmanager
def heartbeat(batch: Batch, held: Held | None = None) -> Iterator[None]:
    """Prolong the claim (and the lease on the connection) while the block waits for the wire."""
    every_s = config.current().heartbeat
    stop = threading.Event()
    beat = _Beat(db.engine, batch.claim_id, held, config.current().lease)
    thread = threading.Thread(target=beat.run, args=(every_s, stop), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(every_s)


@dataclass(frozen=True)
class _Beat:
    """Runs in a thread with a connection of its own: the main one may wait ten minutes for an answer."""

    engine: Engine
    claim_id: int
    held: Held | None
    lease_s: float

    def run(self, every_s: float, stop: threading.Event) -> None:
        while not stop.wait(every_s):
            try:
                self._prolong()
            except Exception:  # a beat that fails is followed by the next; the lease bears several
                log.exception("the heartbeat of claim %s could not be written", self.claim_id)

    def _prolong(self) -> None:
        until = sql_now(self.lease_s)
        alive = update(Claim).where(Claim.id == self.claim_id, Claim.lease_until > sql_now())
        with self.engine.begin() as connection:
            connection.execute(alive.values(lease_until=until))
            if self.held is not None:
                ours = update(Lease).where(Lease.name == self.held.name, Lease.fence == self.held.fence)
                connection.execute(ours.where(Lease.holder == self.held.holder).values(until=until))
