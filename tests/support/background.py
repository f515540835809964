"""Carries out background work in this process, and only when a test says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

from flask import Flask
from sqlalchemy import select

import webapp.core.clock as clock_module
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.agreements import queries as agreements
from webapp.events.models import Event
from webapp.job_names import JobName
from webapp.messaging.messages.models import Delivery, DeliveryState
from webapp.rules.escalations import rearming
from webapp.timers import queries as timers

MOST_ROUNDS = 50


def drain(app: Flask) -> None:
    """Run job functions until nothing is due."""
    for _ in range(MOST_ROUNDS):
        due = list_due()
        db.session.commit()
        if not due:
            return
        for job, number in due:
            run_job(app, job, number)
    raise AssertionError(f"still due after {MOST_ROUNDS} rounds: {list_due()}")


def list_due() -> list[tuple[JobName, int | None]]:
    """Return the jobs that have something to do at this moment."""
    parts = db.session.scalars(select(Event.part).where(~Event.is_done).distinct()).all()
    connections = _connections_with_due_mail()
    return [
        *((JobName.RECOUNT_DEADLINES, each.id) for each in agreements.list_unfinished_recounts()),
        *([(JobName.FIRE_TIMERS, None)] if timers.is_any_due() else []),
        *((JobName.REARM_TIMERS, each.id) for each in rearming.list_unfinished()),
        *((JobName.DISPATCH_EVENTS, part) for part in parts),
        *((JobName.DELIVER_MAIL, number) for number in connections),
    ]


def run_job(app: Flask, job: JobName, number: int | None = None) -> None:
    """Run one job as a worker does: in an application context of its own."""
    module, name = job.value.rsplit(".", 1)
    function = getattr(import_module(module), name)
    with app.app_context():
        function() if number is None else function(number)


def _connections_with_due_mail() -> list[int]:
    from webapp.messaging.messages import claims

    waiting = select(Delivery.connection_id).where(
        Delivery.state == DeliveryState.WAITING, Delivery.due_at <= now()
    )
    return [number for number in db.session.scalars(waiting.distinct()) if claims.may_send(number)]


class StoppedClock:
    """The time of a test, which moves only when told."""

    def __init__(self, at: datetime) -> None:
        clock_module._frozen_at = at

    def move(self, **amount: float) -> None:
        """Let time pass: ``move(minutes=5)``."""
        clock_module._frozen_at = now() + timedelta(**amount)

    def set(self, at: datetime, **more: float) -> None:
        """Let it be this moment, or so much later: ``set(noon, seconds=-1)``."""
        clock_module._frozen_at = at + timedelta(**more)

    def go(self) -> None:
        """Let the clock run again."""
        clock_module._frozen_at = None
