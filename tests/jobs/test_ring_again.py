"""The clock's look at the database finds whatever a lost ring left behind."""

from __future__ import annotations

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from jobs.ring_again import MOST_WAITING, ring_again
from tests.support.redis_server import RedisServer
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.job_names import JobName
from webapp.people.accounts.models import Account


@pytest.fixture
def events(redis_server: RedisServer) -> Queue:
    return Queue("events", connection=Redis.from_url(redis_server.url), serializer=JSONSerializer)


def announce_change(alice: Account) -> int:
    event = announce(EventKind.ACCOUNT_CHANGED, Subject("account", alice.id), actor_id=None)
    part = event.part
    db.session.commit()
    return part


def heard(queue: Queue) -> list[tuple[str, tuple[int, ...]]]:
    return [(str(job.func_name), tuple(job.args)) for job in queue.jobs]


def test_nothing_due_rings_nothing(app: Flask, events: Queue) -> None:
    ring_again()
    assert heard(events) == []


def test_an_undone_event_is_rung_for_although_redis_was_wiped(
    app: Flask, alice: Account, events: Queue, redis_server: RedisServer
) -> None:
    part = announce_change(alice)
    redis_server.flush()
    ring_again()
    assert heard(events) == [(JobName.DISPATCH_EVENTS.value, (part,))]


def test_a_pending_flag_of_a_dead_worker_does_not_silence_the_clock(
    app: Flask, alice: Account, events: Queue
) -> None:
    part = announce_change(alice)
    events.empty()  # the ring is lost, its flag stays
    ring_again()
    assert heard(events) == [(JobName.DISPATCH_EVENTS.value, (part,))]


def test_rings_do_not_pile_up_while_nobody_answers(app: Flask, alice: Account, events: Queue) -> None:
    announce_change(alice)
    for _ in range(MOST_WAITING + 20):
        ring_again()
    assert events.count == MOST_WAITING


def test_a_redis_that_is_away_is_no_error(app: Flask, alice: Account, redis_server: RedisServer) -> None:
    announce_change(alice)
    redis_server.stop()
    try:
        ring_again()
    finally:
        redis_server.start()
