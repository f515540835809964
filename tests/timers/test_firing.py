"""Timers fire once, whoever looks, and one that cannot be handled does not keep the others waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs.ring_again import ring_again
from tests.support.background import StoppedClock, run_job
from tests.support.redis_server import RedisServer
from webapp.core import redis
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.events.services import Occurrence, Subject, announce_once
from webapp.job_names import JobName
from webapp.timers import firing, queries
from webapp.timers.firing import Fired, fires
from webapp.timers.models import Timer
from webapp.timers.queries import Due

KIND = "test"


def _occurrence(timer: Timer | Due) -> Occurrence:
    key = f"test:{timer.owner_id}:{timer.data.get('round', 0)}"
    return Occurrence(EventKind.SETTING_CHANGED, Subject("setting", timer.owner_id), key)


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of timer that fires once; those that are told to break do."""
    monkeypatch.setattr(firing, "_handlers", dict(firing._handlers))

    @fires(KIND)
    def handle(timers: Sequence[Due], _at: datetime) -> Mapping[int, Fired]:
        if any(timer.data.get("is_broken") for timer in timers):
            raise LookupError("a timer of another version")
        return {
            timer.id: Fired((_occurrence(timer),), is_over=not timer.data.get("again"), data={"round": 1})
            for timer in timers
        }


def set_timers(number: int, **data: object) -> None:
    base = db.session.scalar(select(func.max(Timer.owner_id))) or 0
    db.session.add_all(
        Timer(kind=f"{KIND}:x", owner_id=base + each + 1, fire_at=now() - timedelta(minutes=1), data=data)
        for each in range(number)
    )
    db.session.commit()


def counts() -> tuple[int, int]:
    """How many events and how many timers there are."""
    db.session.rollback()
    events, timers = (db.session.scalar(select(func.count(each.id))) or 0 for each in (Event, Timer))
    db.session.rollback()
    return events, timers


def test_what_is_due_fires_and_what_is_not_waits(app: Flask, clock: StoppedClock) -> None:
    set_timers(3)
    db.session.add(Timer(kind=KIND, owner_id=99, fire_at=now() + timedelta(seconds=1), data={}))
    db.session.add(Timer(kind=KIND, owner_id=98, fire_at=None, data={}))
    db.session.commit()
    run_job(app, JobName.FIRE_TIMERS)
    assert counts() == (3, 2)
    assert not queries.is_any_due()


def test_a_timer_moves_on_to_its_next_moment_or_rests(app: Flask) -> None:
    set_timers(1, again=True)
    run_job(app, JobName.FIRE_TIMERS)
    timer = db.session.scalars(select(Timer)).one()
    assert (timer.fire_at, timer.data) == (None, {"round": 1})


def test_any_number_of_workers_fire_each_timer_once(app: Flask) -> None:
    set_timers(2000)
    with ThreadPoolExecutor(3) as workers:
        for done in [workers.submit(run_job, app, JobName.FIRE_TIMERS) for _number in range(3)]:
            done.result()
    assert counts() == (2000, 0)


def test_an_event_that_was_announced_already_is_not_announced_again(app: Flask) -> None:
    set_timers(1)
    timer = db.session.scalars(select(Timer)).one()
    announce_once([_occurrence(timer)])  # as by a clock of another version
    db.session.commit()
    run_job(app, JobName.FIRE_TIMERS)
    assert counts() == (1, 0)


def test_a_timer_that_cannot_be_handled_is_put_off_and_the_others_fire(
    app: Flask, clock: StoppedClock
) -> None:
    set_timers(1, is_broken=True)
    set_timers(5)
    run_job(app, JobName.FIRE_TIMERS)
    assert counts() == (5, 1)
    left = db.session.scalars(select(Timer)).one()
    assert left.fire_at == now() + firing.PUT_OFF


def test_a_timer_of_a_kind_that_nobody_knows_any_more_goes(app: Flask) -> None:
    db.session.add(Timer(kind="gone", owner_id=1, fire_at=now(), data={}))
    db.session.commit()
    run_job(app, JobName.FIRE_TIMERS)
    assert counts() == (0, 0)


def test_nothing_happens_twice_when_the_commit_fails(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    set_timers(2)
    assert firing.fire_some() == 2
    db.session.rollback()
    assert counts() == (0, 2)
    run_job(app, JobName.FIRE_TIMERS)
    assert counts() == (2, 0)


def test_the_clock_rings_for_what_is_due(app: Flask, redis_server: RedisServer) -> None:
    ring_again()
    assert redis.client().llen("rq:queue:events") == 0
    set_timers(1)
    ring_again()
    assert redis.client().llen("rq:queue:events") == 1
