"""RQ: one job for each mail, carried out by a worker that does not fork; two of these run together."""

from __future__ import annotations

import os
import sys

import one_mail
from peer import COUNT, tell_end, wait_for_start
from redis import Redis
from rq import Queue, SimpleWorker


def main() -> None:
    """Fill the queue (the first of the two does it), then work until it is empty."""
    redis = Redis.from_url(os.environ["PEER_REDIS_URL"])
    queue = Queue("mail", connection=redis)
    if sys.argv[1:] == ["first"]:
        queue.empty()
        for number in range(COUNT):
            queue.enqueue(one_mail.send, number, result_ttl=0)
    wait_for_start()
    SimpleWorker([queue], connection=redis, log_job_description=False).work(burst=True, logging_level="ERROR")
    tell_end()


main()
