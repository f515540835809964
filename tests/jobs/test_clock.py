"""The clock keeps ringing whatever is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event

from jobs import clock, stopping
from tests.jobs.test_ring_again import announce_change
from tests.support.redis_server import RedisServer
from webapp.core.db import db
from webapp.people.accounts.models import Account


@pytest.fixture(autouse=True)
def _go_on() -> Iterator[None]:
    stopping.forget()
    yield
    stopping.forget()


@pytest.fixture
def ringing(app: Flask) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=clock.keep_ringing, args=(app, 0.1), daemon=True)
    thread.start()
    yield thread
    stopping.request_stop()
    thread.join(10)
    assert not thread.is_alive()


def is_rung(server: RedisServer, name: str, patience_s: float = 20) -> bool:
    with Redis.from_url(server.url) as client:
        queue = Queue(name, connection=client, serializer=JSONSerializer)
        ends_at = time.monotonic() + patience_s
        while time.monotonic() < ends_at:
            if queue.count:
                return True
            time.sleep(0.05)
    return False


def test_it_rings_for_an_event_whose_ring_was_lost(
    app: Flask, alice: Account, redis_server: RedisServer, ringing: threading.Thread
) -> None:
    announce_change(alice)
    redis_server.flush()
    assert is_rung(redis_server, "events")


def test_it_rings_for_pruning_at_once_and_then_rarely(
    redis_server: RedisServer, ringing: threading.Thread
) -> None:
    assert is_rung(redis_server, "slow")
    redis_server.flush()
    assert not is_rung(redis_server, "slow", patience_s=0.5)


def test_it_goes_on_when_redis_is_away_for_a_while(
    app: Flask, alice: Account, redis_server: RedisServer, ringing: threading.Thread
) -> None:
    redis_server.stop()
    announce_change(alice)
    time.sleep(0.3)
    redis_server.start()
    assert is_rung(redis_server, "events")


def test_it_goes_on_when_the_database_fails(app: Flask, alice: Account, redis_server: RedisServer) -> None:
    def broken(_connection: object, _record: object, _proxy: object) -> None:
        raise db.engine.dialect.loaded_dbapi.OperationalError("the database is away")

    announce_change(alice)
    db.engine.dispose()
    event.listen(db.engine, "checkout", broken)
    thread = threading.Thread(target=clock.keep_ringing, args=(app, 0.05), daemon=True)
    thread.start()
    time.sleep(0.3)
    event.remove(db.engine, "checkout", broken)
    redis_server.flush()
    assert is_rung(redis_server, "events")
    stopping.request_stop()
    thread.join(10)
