"""The worker carries out our jobs and nothing else, and outlives Redis."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue, Repeat, Retry, Webhook
from rq.job import Job
from rq.serializers import DefaultSerializer, JSONSerializer

from jobs import mailer, stopping, worker
from jobs.worker import DoorbellWorker, Refused, allowed, serve_for_ever
from tests.support.redis_server import RedisServer
from webapp import cli
from webapp.job_names import QUEUES, JobName

pytestmark = pytest.mark.pure

Performed = list[tuple[JobName, int | None]]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def connection(redis: RedisServer) -> Iterator[Redis]:
    with Redis.from_url(redis.url) as client:
        yield client


@pytest.fixture(autouse=True)
def _go_on() -> Iterator[None]:
    stopping.forget()
    yield
    stopping.forget()


def queue(connection: Redis, name: str = "events") -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def carry_out_all(connection: Redis, *queues: str) -> Performed:
    """Serve what is in the queues and stop."""
    performed: Performed = []
    server = DoorbellWorker(
        queues or ("events",), connection, lambda name, number: performed.append((name, number))
    )
    for each in server.queues:
        for job in each.jobs:
            each.remove(job)
            server.execute_job(job, each)
    return performed


def test_it_carries_out_a_job_of_the_table_with_its_number(connection: Redis) -> None:
    queue(connection).enqueue(JobName.DISPATCH_EVENTS.value, 3)
    assert carry_out_all(connection) == [(JobName.DISPATCH_EVENTS, 3)]


def test_nothing_of_a_job_is_left_in_redis(connection: Redis) -> None:
    job = queue(connection).enqueue(JobName.DISPATCH_EVENTS.value, 3)
    carry_out_all(connection)
    assert not connection.exists(job.key)
    assert queue(connection).count == 0


GOOD_DATA = b'["jobs.dispatch_events.dispatch_events", null, [1], {}]'


@pytest.mark.parametrize("queues", [("events",), ("events", "slow")], ids=["one queue", "two queues"])
@pytest.mark.parametrize(
    "broken",
    [
        {"data": GOOD_DATA, "created_at": "garbage"},
        {"data": GOOD_DATA, "timeout": "abc"},
        {"data": GOOD_DATA, "origin": b"\xff\xfe"},
        {"data": GOOD_DATA, "result_ttl": "soon"},
        {"data": GOOD_DATA, "status": "unheard of"},
        {"data": b"\x80\x81"},
        {"data": b"x\x9c[["},
        {"data": b"[" * 100_000},
        {"data": b"{}"},
        {"data": b'[["a"], 1, 2, 3]'},
        {"no": "data"},
    ],
    ids=["date", "timeout", "origin", "ttl", "status", "octets", "zip", "deep", "map", "list", "none"],
)
def test_a_job_that_cannot_be_read_is_dropped_and_the_next_one_carried_out(
    redis: RedisServer, connection: Redis, broken: dict[str, bytes], queues: tuple[str, ...]
) -> None:
    connection.hset("rq:job:broken", mapping=broken)
    connection.rpush("rq:queue:events", "broken", b"\xff\xfe")
    queue(connection).enqueue(JobName.DISPATCH_EVENTS.value, 7)
    serving = Serving(redis.url, queues)
    serving.wait_for(1)
    assert serving.performed == [(JobName.DISPATCH_EVENTS, 7)]
    stopping.request_stop()
    assert connection.llen("rq:queue:events") == 0


@pytest.mark.parametrize(
    "name", ["os.system", "webapp.job_names.JobName", "builtins.eval", "jobs.worker.main", ""]
)
def test_it_refuses_any_function_outside_the_table(connection: Redis, name: str) -> None:
    with pytest.raises(Refused):
        allowed(
            Job.create(name or "x", args=(1,), connection=connection, serializer=JSONSerializer), "events"
        )


def test_a_command_of_the_system_is_not_run(redis: RedisServer, connection: Redis, tmp_path: Path) -> None:
    """R01: who writes to Redis rings, and can do nothing else."""
    marker = tmp_path / "was-run"
    for name, value in (("os.system", f"touch {marker}"), ("pathlib.Path.touch", str(marker))):
        queue(connection).enqueue(name, value)
    queue(connection).enqueue(JobName.DISPATCH_EVENTS.value, 7)
    serving = Serving(redis.url)
    serving.wait_for(1)
    stopping.request_stop()
    assert serving.performed == [(JobName.DISPATCH_EVENTS, 7)]
    assert not marker.exists()


def test_it_refuses_a_pickled_job(connection: Redis) -> None:
    Queue("events", connection=connection, serializer=DefaultSerializer).enqueue(
        JobName.DISPATCH_EVENTS.value, 1
    )
    assert carry_out_all(connection) == []


def test_it_refuses_a_job_on_the_wrong_queue(connection: Redis) -> None:
    queue(connection, "events").enqueue(JobName.DELIVER_MAIL.value, 1)
    assert carry_out_all(connection) == []


@pytest.mark.parametrize(
    "extra",
    [
        {"on_success": Callback("os.getcwd")},
        {"on_failure": Callback("os.getcwd")},
        {"on_stopped": Callback("os.getcwd")},
        {"retry": Retry(max=2)},
        {"repeat": Repeat(times=2)},
        {"webhooks": [Webhook("http://127.0.0.1:9/", "finished")]},
        {"args": ("rm -rf /",)},
        {"args": (1, 2)},
        {"args": (True,)},
        {"kwargs": {"part": 1}},
    ],
    ids=lambda extra: f"{next(iter(extra))}",
)
def test_it_refuses_whatever_a_job_of_ours_never_carries(connection: Redis, extra: dict[str, object]) -> None:
    queue(connection).enqueue(JobName.DISPATCH_EVENTS.value, **extra)
    assert carry_out_all(connection) == []


def test_it_refuses_a_job_that_depends_on_another(connection: Redis) -> None:
    first = queue(connection).enqueue(JobName.DISPATCH_EVENTS.value, 1)
    job = Job.create(
        JobName.DISPATCH_EVENTS.value, depends_on=first, connection=connection, serializer=JSONSerializer
    )
    with pytest.raises(Refused):
        allowed(job, "events")


def test_the_log_never_shows_what_a_refused_job_carried(
    connection: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    queue(connection).enqueue("os.system", "echo canary-secret", description="canary-secret")
    carry_out_all(connection)
    assert "refused" in caplog.text
    assert "canary-secret" not in caplog.text


class Serving:
    """A worker that serves in a thread until the test is over."""

    def __init__(self, url: str, queues: tuple[str, ...] = ("events",)) -> None:
        self.performed: Performed = []
        arguments = (url, queues, self.performed)
        self._thread = threading.Thread(target=serve_quietly, args=arguments, daemon=True)
        self._thread.start()

    def wait_for(self, count: int, patience_s: float = 10) -> None:
        ends_at = time.monotonic() + patience_s
        while len(self.performed) < count and time.monotonic() < ends_at:
            time.sleep(0.02)
        assert len(self.performed) == count


def serve_quietly(url: str, queues: tuple[str, ...], performed: Performed) -> None:
    # Signals belong to the main thread, which is pytest's here.
    worker_serve = worker._serve
    worker._serve = lambda one: one.serve()
    try:
        serve_for_ever(url, queues, lambda name, number: performed.append((name, number)))
    finally:
        worker._serve = worker_serve


def test_it_goes_on_when_redis_dies_and_comes_back_empty(redis: RedisServer) -> None:
    serving = Serving(redis.url)
    with Redis.from_url(redis.url) as client:
        queue(client).enqueue(JobName.DISPATCH_EVENTS.value, 1)
        serving.wait_for(1)
    redis.stop()
    time.sleep(1)
    redis.start()
    with Redis.from_url(redis.url) as client:
        queue(client).enqueue(JobName.DISPATCH_EVENTS.value, 2)
        serving.wait_for(2)
    stopping.request_stop()


def test_it_goes_on_when_redis_is_wiped(redis: RedisServer) -> None:
    serving = Serving(redis.url)
    redis.flush()
    with Redis.from_url(redis.url) as client:
        queue(client).enqueue(JobName.DISPATCH_EVENTS.value, 1)
        serving.wait_for(1)
    stopping.request_stop()


def test_a_drain_that_hangs_does_not_hold_up_another() -> None:
    hanging, done = threading.Event(), threading.Event()
    perform = mailer.ThreadedPerformer(lambda _name, number: hanging.wait(5) if number == 1 else done.set())
    perform(JobName.DELIVER_MAIL, 1)
    perform(JobName.DELIVER_MAIL, 2)
    assert done.wait(1)
    assert not perform.wait(0.1)
    hanging.set()
    assert perform.wait(1)


def test_no_more_drains_than_allowed_run_at_once() -> None:
    release = threading.Event()
    running: set[int] = set()
    most = 0

    def drain(_name: JobName, number: int | None) -> None:
        nonlocal most
        running.add(number or 0)
        most = max(most, len(running))
        release.wait(5)
        running.discard(number or 0)

    perform = mailer.ThreadedPerformer(drain)
    threading.Timer(0.3, release.set).start()
    for number in range(mailer.MOST_THREADS + 4):
        perform(JobName.DELIVER_MAIL, number)
    assert perform.wait(5)
    assert most == mailer.MOST_THREADS


def test_a_full_mailer_gives_up_a_ring_when_it_must_stop() -> None:
    release = threading.Event()
    perform = mailer.ThreadedPerformer(lambda _name, _number: release.wait(5))
    for number in range(mailer.MOST_THREADS):
        perform(JobName.DELIVER_MAIL, number)
    stopping.request_stop()
    started = time.monotonic()
    perform(JobName.DELIVER_MAIL, 99)
    assert time.monotonic() - started < 4
    release.set()
    assert perform.wait(5)


def test_every_queue_is_served_and_no_event_waits_behind_a_slow_job() -> None:
    (option,) = cli.worker.params
    served = set(str(option.default).split(","))
    assert served | set(mailer.QUEUES) == set(QUEUES.values())
    assert served & set(mailer.QUEUES) == set()
    assert "slow" not in served
