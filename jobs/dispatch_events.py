"""Turns events into messages: one part of the outbox at a time, under a lease, until nothing is left."""

from __future__ import annotations

import logging
import time

from flask import current_app
from sqlalchemy import update

from jobs import stopping
from webapp import pipeline
from webapp.core import job_queue, leases
from webapp.core.db import db, reading
from webapp.core.failpoints import failpoint
from webapp.core.leases import Held, LeaseLost
from webapp.core.passing_trouble import is_passing
from webapp.events import queries
from webapp.events.models import Event
from webapp.job_names import JobName

log = logging.getLogger(__name__)

BUDGET_S = 5.0
DEADLY = "the worker died or failed three times on this event"


def dispatch_events(part: int) -> None:
    """Handle the undone events of one part; somebody else who is at it already will see them."""
    job_queue.answer(JobName.DISPATCH_EVENTS, part)
    held = leases.take(f"dispatch:{part}", current_app.config["VESTNIK"].lease)
    db.session.commit()
    if held is None:
        return
    try:
        _drain(part, held)
    except LeaseLost:
        db.session.rollback()
        log.warning("part %s was taken over by another worker", part)
    finally:
        db.session.rollback()
        leases.release(held)
        db.session.commit()
    # Between the last look and the release an event may have come whose ring found the lease taken.
    with reading():
        is_left = queries.has_undone(part)
    if is_left:
        job_queue.ring(JobName.DISPATCH_EVENTS, part)


def _drain(part: int, held: Held) -> None:
    # The one before us died in the middle: take its events singly, so that a deadly one is found.
    left_careful = pipeline.BATCH if held.is_takeover else 0
    ends_at = time.monotonic() + BUDGET_S
    while time.monotonic() < ends_at and not stopping.is_requested():
        if left_careful:
            left_careful -= 1
            _keep(held)
            is_empty = not _one_carefully(part, held)
        else:
            try:
                is_empty = not _batch(part, held, pipeline.BATCH)
            except LeaseLost:
                raise
            except Exception as error:
                if is_passing(error):
                    raise
                log.exception("a batch of part %s could not be written", part)
                db.session.rollback()
                left_careful, is_empty = pipeline.BATCH, False
        if is_empty:
            return


def _keep(held: Held) -> None:
    is_ours = leases.renew(held, current_app.config["VESTNIK"].lease)
    db.session.commit()
    if not is_ours:
        raise LeaseLost(held.name)


def _batch(part: int, held: Held, size: int) -> int:
    with reading():
        event_ids, handled = pipeline.read_batch(part, size)
    failpoint("dispatch.read")
    if event_ids:
        leases.require(held)
        leases.renew(held, current_app.config["VESTNIK"].lease)
        pipeline.write_batch(event_ids, handled)
        failpoint("dispatch.written")
        db.session.commit()
    return len(event_ids)


def _one_carefully(part: int, held: Held) -> bool:
    """Handle one event whose attempts are counted beforehand; returns whether there was one."""
    event = next(iter(queries.list_undone(part, 1)), None)
    if event is None:
        db.session.rollback()
        return False
    event_id = event.id
    if event.attempts >= pipeline.MOST_ATTEMPTS:
        pipeline.give_up(event_id, DEADLY)
        db.session.commit()
        return True
    event.attempts += 1
    db.session.commit()
    try:
        _batch(part, held, 1)
    except LeaseLost:
        raise
    except Exception as error:
        db.session.rollback()
        if is_passing(error):
            _take_attempt_back(event_id)
            raise
        log.exception("event %s could not be written", event_id)
        pipeline.give_up(event_id, pipeline.as_words(error))
        db.session.commit()
    return True


def _take_attempt_back(event_id: int) -> None:
    """Only deaths and failures count against an event; a database that was busy is not its fault."""
    db.session.execute(update(Event).where(Event.id == event_id).values(attempts=Event.attempts - 1))
    db.session.commit()
