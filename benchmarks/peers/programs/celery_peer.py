"""Starts Celery's worker on an idle queue, fills the real one, and lets the worker turn to it."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from pathlib import Path

from celery_tasks import app, send
from peer import COUNT, tell_end, wait_for_start
from redis import Redis

PROCESSES = 4
LONGEST_START_S = 60.0


def main() -> None:
    """Measure from the moment in which the worker may take tasks."""
    redis = Redis.from_url(str(app.conf.broker_url).replace("redis+socket://", "unix://"))
    redis.flushdb()
    command = [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "--pool", "prefork"]
    command += ["--concurrency", str(PROCESSES), "--queues", "idle", "--loglevel", "ERROR"]
    folder = Path(__file__).parent
    worker = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_end_with_us,  # noqa: PLW1509 - it only speaks to the kernel
    )
    try:
        _wait_for_worker()
        for number in range(COUNT):
            send.delay(number)
        wait_for_start()
        app.control.add_consumer("mail", reply=True)
        _wait_until_done(redis)
        ended_at = time.monotonic()
    finally:
        worker.terminate()
        worker.wait()
    tell_end(ended_at)


def _end_with_us() -> None:
    """Let the kernel end the worker when this program is killed (Linux: PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _wait_for_worker() -> None:
    gives_up_at = time.monotonic() + LONGEST_START_S
    while not app.control.ping(timeout=0.5):
        if time.monotonic() > gives_up_at:
            raise TimeoutError("Celery's worker does not answer")


def _wait_until_done(redis: Redis) -> None:
    # What was fetched and not finished stands under "unacked".
    while redis.llen("mail") or redis.hlen("unacked"):
        time.sleep(0.01)  # the broker tells nobody that it is empty


main()
