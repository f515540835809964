"""The doorbell: coalesced, without data, and silent when Redis is away."""

from __future__ import annotations

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer

from tests.support.redis_server import RedisServer
from webapp.core import job_queue, redis
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.people.company.models import Setting


def waiting(job: JobName) -> list[tuple[str, tuple[int, ...]]]:
    queue = Queue(job.queue, connection=redis.client(), serializer=JSONSerializer)
    return [(entry.func_name, tuple(entry.args)) for entry in queue.jobs]


def test_one_pending_ring_is_enough(app: Flask) -> None:
    assert job_queue.ring(JobName.DELIVER_MAIL, 7)
    assert job_queue.ring(JobName.DELIVER_MAIL, 7)
    assert job_queue.ring(JobName.DELIVER_MAIL, 8)
    assert waiting(JobName.DELIVER_MAIL) == [(JobName.DELIVER_MAIL, (7,)), (JobName.DELIVER_MAIL, (8,))]


def test_after_the_answer_it_rings_again(app: Flask) -> None:
    job_queue.ring(JobName.DISPATCH_EVENTS, 3)
    job_queue.answer(JobName.DISPATCH_EVENTS, 3)
    job_queue.ring(JobName.DISPATCH_EVENTS, 3)
    assert len(waiting(JobName.DISPATCH_EVENTS)) == 2


def test_a_ring_past_the_flag_is_always_heard(app: Flask) -> None:
    job_queue.ring(JobName.DISPATCH_EVENTS, 3)
    job_queue.ring_past_flag(JobName.DISPATCH_EVENTS, 3)
    assert len(waiting(JobName.DISPATCH_EVENTS)) == 2


def test_it_rings_after_the_commit_and_not_after_a_rollback(app: Flask) -> None:
    db.session.add(Setting(key="a", value=1))
    job_queue.ring_on_commit(JobName.DISPATCH_EVENTS, 1)
    assert waiting(JobName.DISPATCH_EVENTS) == []
    db.session.commit()
    assert len(waiting(JobName.DISPATCH_EVENTS)) == 1
    job_queue.ring_on_commit(JobName.DISPATCH_EVENTS, 2)
    db.session.rollback()
    db.session.commit()
    assert len(waiting(JobName.DISPATCH_EVENTS)) == 1


def test_a_lost_redis_is_logged_and_left_alone_for_a_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lost = RedisServer()  # never started
    monkeypatch.setattr(app.extensions["vestnik_redis"], "client", redis.Redis.from_url(lost.url))
    try:
        assert not job_queue.ring(JobName.DISPATCH_EVENTS, 1)
        assert redis.is_resting()
        assert not job_queue.ring(JobName.DISPATCH_EVENTS, 1)
        assert caplog.text.count("did not hear") == 1
    finally:
        app.extensions["vestnik_redis"].rests_until = 0.0
        lost.remove()
