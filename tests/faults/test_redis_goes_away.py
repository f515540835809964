"""Redis is only a doorbell: while it is away, empty or silent, pages answer, and the mail goes later."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from tests.faults.desk import PAGE_S, Desk, require_once
from tests.support.patience import at_most
from webapp.job_names import JobName
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults]

LIST = "/records/ticket"


@contextmanager
def f22_f24_redis_killed(desk: Desk) -> Iterator[None]:
    """Kill Redis, and keep its supervisor from starting it again meanwhile."""
    with desk.stopped("vestnik redis"):
        os.kill(desk.process("redis-server"), signal.SIGKILL)
        yield


@contextmanager
def redis_configured(
    desk: Desk, name: str, wrong: str, right: str, password: str | None = None
) -> Iterator[None]:
    """Change a setting meanwhile, and cut every connection, so that each one meets it."""
    desk.redis().config_set(name, wrong)
    with Redis(unix_socket_path=desk.redis_socket, password=password) as client:
        client.client_kill_filter(_type="normal", skipme=True)
        try:
            yield
        finally:
            client.config_set(name, right)


def f25_redis_full(desk: Desk):
    return redis_configured(desk, "maxmemory", "1", "0")


def f25_redis_wants_a_password(desk: Desk):
    return redis_configured(desk, "requirepass", "changed", "", password="changed")


@contextmanager
def f25_redis_readonly(desk: Desk) -> Iterator[None]:
    """Make it the replica of a server that is not there."""
    desk.redis().execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        yield
    finally:
        desk.redis().execute_command("REPLICAOF", "NO", "ONE")


@contextmanager
def f22_redis_hanging(desk: Desk) -> Iterator[None]:
    """Let Redis take connections and answer nothing."""
    with desk.stopped("redis-server"):
        yield


WITHOUT = [
    f22_f24_redis_killed, f22_redis_hanging, f25_redis_full, f25_redis_wants_a_password, f25_redis_readonly,
]  # fmt: skip


@pytest.mark.parametrize("without_redis", WITHOUT)
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
        assert desk.alice.slowest() < at_most(PAGE_S)
        assert desk.bob.slowest() < at_most(PAGE_S)
        assert not any(desk.deliveries(number) for number in numbers), "nobody rang, so nobody worked"
    desk.wait_until_sent(*numbers)
    for number in numbers:
        require_once(desk, sink, number)


def test_f23_a_wiped_redis_loses_and_doubles_nothing(desk, sink):
    with desk.stopped("vestnik worker", "vestnik mailer"):
        numbers = [desk.register(f"Wiped {n}") for n in range(3)]
        for number in numbers:
            desk.begin_work(number)
        wait_until(lambda: waiting_rings(desk), "a ring in the queue", 10)
        desk.redis().flushall()
    desk.wait_until_sent(*numbers)
    for number in numbers:
        require_once(desk, sink, number)


def test_f23_a_redis_that_is_wiped_again_and_again_holds_nothing_up_for_long(desk, sink):
    numbers = [desk.register(f"Wiped all the time {n}") for n in range(3)]
    for number in numbers:
        desk.begin_work(number)
        desk.redis().flushall()
    for _ in range(20):
        desk.redis().flushall()
    desk.wait_until_sent(*numbers)
    for number in numbers:
        require_once(desk, sink, number)


def test_f21_a_thousand_rings_for_one_message_and_two_mailers_make_one_mail(desk, sink):
    with desk.stopped("vestnik mailer"):
        number = desk.register("Rung for a thousand times")
        desk.begin_work(number)
        wait_until(lambda: len(desk.deliveries(number)) == 2, "the messages", 20)
        ring(desk, 1000)
        with desk.another("mailer", ""):
            desk.wait_until_sent(number)
    require_once(desk, sink, number)
    taken = len(sink.ledger)
    ring(desk, 20)  # as a restored dump of Redis would
    wait_until(lambda: not waiting_rings(desk), "the end of all rings", 60)
    desk.wait_until_quiet()
    assert len(sink.ledger) == taken


def ring(desk: Desk, times: int) -> None:
    (row,) = desk.ask("SELECT id FROM mail_connection WHERE is_default")
    queue = Queue(JobName.DELIVER_MAIL.queue, connection=desk.redis(), serializer=JSONSerializer)
    values = {"args": (row.id,), "timeout": -1, "result_ttl": 0}
    queue.enqueue_many([Queue.prepare_data(JobName.DELIVER_MAIL.value, **values) for _ in range(times)])


def waiting_rings(desk: Desk) -> int:
    try:
        return sum(desk.redis().llen(f"rq:queue:{name}") for name in ("events", "mail"))
    except RedisError:
        return 0
