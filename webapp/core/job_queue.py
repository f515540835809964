"""The doorbell: wakes background jobs through RQ. It carries no data, and losing a ring loses nothing."""

from __future__ import annotations

import logging

from rq import Queue
from rq.serializers import JSONSerializer

from webapp.core import redis
from webapp.core.db import on_commit
from webapp.core.failpoints import failpoint
from webapp.job_names import JobName

log = logging.getLogger(__name__)

FLAG_LIVES_S = 60


def ring_on_commit(job: JobName, number: int | None = None) -> None:
    """Ring once after the present transaction is committed."""
    on_commit((job, number), lambda: _ring_after_commit(job, number))


def _ring_after_commit(job: JobName, number: int | None) -> None:
    failpoint("before_ring")
    _ring_quietly(job, number)


def ring(job: JobName, number: int | None = None) -> bool:
    """Ring now; one pending ring per job and number is enough. Returns whether Redis heard it.

    A failure is logged and never raised: ``ring_again`` rings for whatever is due.
    """
    return _ring_quietly(job, number)


def ring_past_flag(job: JobName, number: int | None = None) -> bool:
    """Ring even though a ring seems pending: the worker that had it may be dead."""
    return _ring_quietly(job, number, past_flag=True)


def answer(job: JobName, number: int | None = None) -> None:
    """Take the pending flag away; a job does this first, before it looks at the database.

    If it were last, a ring between the last look and the end of the job would be lost.
    """
    try:
        redis.client().delete(_flag(job, number))
    except redis.RedisError:
        log.warning("doorbell: Redis did not answer, the flag will go by itself")


def do_others_wait(job: JobName) -> bool:
    """Whether jobs stand in this one's queue, so that a drain should let them by soon."""
    return count_waiting(job) > 0


def count_waiting(job: JobName) -> int:
    """Return how many jobs stand in this one's queue; 0 when Redis does not answer."""
    if redis.is_resting():
        return 0
    try:
        return int(_queue(job).count)
    except (redis.RedisError, OSError):
        redis.mark_failed()
        return 0


def _ring_quietly(job: JobName, number: int | None, *, past_flag: bool = False) -> bool:
    if redis.is_resting():
        return False
    try:
        _ring(job, number, past_flag=past_flag)
    except (redis.RedisError, OSError) as error:
        redis.mark_failed()
        log.warning("doorbell: Redis did not hear %s: %s", job.name, type(error).__name__)
        return False
    return True


def _ring(job: JobName, number: int | None, *, past_flag: bool) -> None:
    connection = redis.client()
    flag = _flag(job, number)
    is_first = connection.set(flag, "1", nx=True, ex=FLAG_LIVES_S)
    if not is_first and not past_flag:
        return
    try:
        _queue(job).enqueue(
            job.value,
            args=() if number is None else (number,),
            job_timeout=-1,
            result_ttl=0,
            failure_ttl=3600,
            description=job.name,
        )
    except Exception:
        connection.delete(flag)  # otherwise the flag would silence the next rings for a minute
        raise


def _queue(job: JobName) -> Queue:
    return Queue(job.queue, connection=redis.client(), serializer=JSONSerializer)


def _flag(job: JobName, number: int | None) -> str:
    return f"ring:{job.name}:{'' if number is None else number}"
