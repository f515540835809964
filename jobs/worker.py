"""Carries out the jobs for which the doorbell rings; believes nothing in Redis but the name of a job."""

from __future__ import annotations

import gc
import logging
import signal
from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import Any

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from jobs import stopping
from webapp.app import create_app
from webapp.core import logs
from webapp.core.db import db, wait_like_a_worker
from webapp.job_names import JobName

log = logging.getLogger(__name__)

STOPS = (signal.SIGTERM, signal.SIGINT)
LISTEN_S = 20
#: A claim of mails makes thousands of objects, hardly any of them in circles; to look for those costs time.
YOUNG_OBJECTS = 20_000
PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)

Perform = Callable[[JobName, int | None], None]


class Refused(Exception):
    """The job is not one of ours, or asks for more than a job of ours may."""


class StopWaiting(Exception):
    """Raised by a signal while the worker waits for a ring; it has nothing in hand then."""


class DoorbellWorker(SimpleWorker):
    """RQ's worker in this process, without RQ's callbacks, webhooks, repeats, retries and remote commands.

    Anybody may have written what is in Redis, so only the names in JobName are ever imported.
    """

    def __init__(self, queues: tuple[str, ...], connection: Redis, perform: Perform) -> None:
        super().__init__(
            queues, connection=connection, serializer=JSONSerializer, log_job_description=False, worker_ttl=60
        )
        self.perform = perform

    def serve(self) -> None:
        """Work until the process is asked to stop. Raises RedisError when Redis goes away."""
        self.register_birth()  # type: ignore[no-untyped-call] # RQ's
        while not stopping.is_requested():
            self.set_state(WorkerStatus.IDLE)
            self.heartbeat()
            ring = self._listen()
            if ring is not None:
                self.set_state(WorkerStatus.BUSY)
                self.execute_job(*ring)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal's handler
        """Remember the wish. RQ's own handler would speak to Redis from inside whatever the job is doing."""
        stopping.request_stop()
        if self.get_state() != WorkerStatus.BUSY:
            raise StopWaiting

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Carry out one ring and forget it: the database knows what is done and what is still due."""
        try:
            name, number = allowed(job, queue.name)
        except Refused as reason:
            log.warning("refused a job on queue %s: %s", queue.name, reason)
        else:
            self.perform(name, number)
        _forget(queue, job.id)

    def _listen(self) -> tuple[Job, Queue] | None:
        try:
            ring: tuple[Job, Queue] | None = self.queue_class.dequeue_any(
                self.queues,
                LISTEN_S,
                connection=self.connection,
                job_class=self.job_class,
                serializer=self.serializer,
            )
        except DequeueTimeout:
            return None
        except (RedisError, OSError, StopWaiting):
            raise
        except Exception as error:  # noqa: BLE001 - a job that RQ cannot read must not end every worker
            log.warning("dropped a job that cannot be read: %s", type(error).__name__)
            if hasattr(error, "job_id") and hasattr(error, "queue"):
                _forget(error.queue, error.job_id)
            return None
        return ring


def _forget(queue: Queue, job_id: str) -> None:
    # Not job.delete(): that follows whatever groups and registries the job names.
    queue.connection.lrem(queue.intermediate_queue_key, 1, job_id)
    queue.connection.delete(Job.key_for(job_id))


def allowed(job: Job, queue: str) -> tuple[JobName, int | None]:
    """Return the job's name and its number, after looking at everything that RQ would otherwise obey.

    Raises Refused.
    """
    try:
        name, values, named = JobName(job.func_name or ""), tuple(job.args), job.kwargs
    except Exception:  # noqa: BLE001 - anybody may have written anything
        raise Refused("its name is not in JobName") from None
    if name.queue != queue:
        raise Refused(f"{name.name} does not belong here")
    if _has_extras(job):
        raise Refused(f"{name.name} carries callbacks, webhooks, repeats, retries or dependencies")
    if named or len(values) > 1 or any(type(value) is not int for value in values):
        raise Refused(f"{name.name} carries more than one number")
    return name, values[0] if values else None


def _has_extras(job: Job) -> bool:
    return any(
        (
            job._success_callback_name,  # noqa: SLF001 - the properties would import what they name
            job._failure_callback_name,  # noqa: SLF001
            job._stopped_callback_name,  # noqa: SLF001
            job.webhooks,
            job._dependency_ids,  # noqa: SLF001
            job.repeats_left,
            job.retries_left,
        )
    )


def performer(app: Flask) -> Perform:
    """Return the function that carries out a job in an application context of its own."""

    def perform(name: JobName, number: int | None) -> None:
        module, function = name.value.rsplit(".", 1)
        with app.app_context():
            try:
                job: Callable[..., Any] = getattr(import_module(module), function)
                job() if number is None else job(number)
            except Exception:
                log.exception("%s ended with an error; the clock will ring for it again", name.name)
            finally:
                db.session.remove()

    return perform


def serve_for_ever(url: str, queues: tuple[str, ...], perform: Perform) -> None:
    """Serve the queues until the process is asked to stop, however often Redis goes away meanwhile."""
    failures = 0
    while not stopping.is_requested():
        connection = Redis.from_url(url, socket_timeout=LISTEN_S + 10, socket_connect_timeout=2)
        try:
            connection.ping()
            if failures > 1:
                log.info("Redis answers again")
            failures = 0
            _serve(DoorbellWorker(queues, connection, perform))
        except (RedisError, OSError) as error:
            _pause(failures)
            failures += 1
            # Not at the first failure: when everything stops together Redis may be gone a moment before us.
            if failures == 2 and not stopping.is_requested():
                log.warning("Redis does not answer (%s); trying until it does", type(error).__name__)
        finally:
            connection.close()


def _serve(worker: DoorbellWorker) -> None:
    for number in STOPS:
        signal.signal(number, worker.request_stop)
    try:
        worker.serve()
    except StopWaiting:
        pass
    finally:
        stopping.stop_on(*STOPS)
    worker.register_death()  # type: ignore[no-untyped-call] # RQ's


def _pause(failures: int) -> None:
    stopping.wait(PAUSES_S[min(failures, len(PAUSES_S) - 1)])


def open_app() -> Flask:
    """Make the application as a background process needs it."""
    logs.set_up()
    logging.getLogger("rq").setLevel(logging.CRITICAL)  # this module says what there is to say
    stopping.stop_on(*STOPS)
    app = create_app()
    with app.app_context():
        wait_like_a_worker()
    # What is loaded by now stays: the garbage collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    return app


def main(queues: tuple[str, ...]) -> None:
    """Run until SIGTERM or SIGINT."""
    app = open_app()
    serve_for_ever(app.config["VESTNIK"].redis_url, queues, performer(app))
