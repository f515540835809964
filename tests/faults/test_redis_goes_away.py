"""Redis is only a doorbell: while it is away, empty or silent, pages answer, and the mail goes later."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis.exceptions import RedisError

from tests.faults.desk import PAGE_S, Desk, require_once
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults, pytest.mark.xdist_group("faults")]

LIST = "/records/ticket"


@contextmanager
def redis_killed(desk: Desk) -> Iterator[None]:
    """Kill Redis, and keep its supervisor from starting it again meanwhile."""
    with desk.stopped("vestnik redis"):
        os.kill(desk.process("redis-server"), signal.SIGKILL)
        yield


@contextmanager
def redis_hanging(desk: Desk) -> Iterator[None]:
    """Let Redis take connections and answer nothing."""
    with desk.stopped("redis-server"):
        yield


@pytest.mark.parametrize("without_redis", [redis_killed, redis_hanging])
def test_pages_answer_within_a_second_and_the_mail_goes_when_redis_is_back(desk, sink, without_redis):
    desk.alice.get(LIST), desk.bob.get(LIST)
    desk.wait_until_quiet()
    desk.alice.answers.clear(), desk.bob.answers.clear()
    with without_redis(desk):
        numbers = [desk.register(f"Registered without Redis {n}") for n in range(3)]
        for number in numbers:
            assert desk.begin_work(number).status == 200
        page = desk.bob.get(LIST)
        assert all(f"Registered without Redis {n}" in page.words for n in range(3))
        assert desk.alice.slowest() < PAGE_S
        assert desk.bob.slowest() < PAGE_S
        assert not any(desk.deliveries(number) for number in numbers), "nobody rang, so nobody worked"
    desk.wait_until_sent(*numbers)
    for number in numbers:
        require_once(desk, sink, number)


def test_a_wiped_redis_loses_and_doubles_nothing(desk, sink):
    with desk.stopped("vestnik worker", "vestnik mailer"):
        numbers = [desk.register(f"Wiped {n}") for n in range(3)]
        for number in numbers:
            desk.begin_work(number)
        wait_until(lambda: waiting_rings(desk), "a ring in the queue", 10)
        desk.redis().flushall()
    desk.wait_until_sent(*numbers)
    for number in numbers:
        require_once(desk, sink, number)


def test_a_redis_that_is_wiped_again_and_again_holds_nothing_up_for_long(desk, sink):
    numbers = [desk.register(f"Wiped all the time {n}") for n in range(3)]
    for number in numbers:
        desk.begin_work(number)
        desk.redis().flushall()
    for _ in range(20):
        desk.redis().flushall()
    desk.wait_until_sent(*numbers)
    for number in numbers:
        require_once(desk, sink, number)


def waiting_rings(desk: Desk) -> int:
    try:
        return sum(desk.redis().llen(f"rq:queue:{name}") for name in ("events", "mail"))
    except RedisError:
        return 0
