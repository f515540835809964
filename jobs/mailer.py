"""The worker that sends mail and does slow work: a thread for each job, so that one that hangs is alone."""

from __future__ import annotations

import logging
import os
import threading
import time

from jobs import stopping
from jobs.worker import Perform, open_app, performer, serve_for_ever
from webapp.job_names import JobName

log = logging.getLogger(__name__)

# Slow jobs are here, where each has a thread of its own, so that no event waits behind one.
QUEUES = ("mail", "slow")
MOST_THREADS = 16
GRACE_S = 20.0


class ThreadedPerformer:
    """Carries out each job in a thread of its own, at most ``MOST_THREADS`` at once."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self._free = threading.BoundedSemaphore(MOST_THREADS)
        self._threads: set[threading.Thread] = set()

    def __call__(self, name: JobName, number: int | None) -> None:
        """Start the job as soon as a thread is free; give it up when the process is asked to stop."""
        while not self._free.acquire(timeout=0.5):
            if stopping.is_requested():
                return
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        # Daemons: one that waits ten minutes for a server's answer must not keep the process from ending.
        thread = threading.Thread(
            target=self._run, args=(name, number), name=f"{name.name}-{number}", daemon=True
        )
        self._threads.add(thread)
        thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait for the threads to come to an end; return whether all did."""
        ends_at = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, name: JobName, number: int | None) -> None:
        try:
            self._perform(name, number)
        finally:
            self._free.release()


def main() -> None:
    """Run until SIGTERM or SIGINT, then finish the messages at hand within 20 seconds."""
    app = open_app()
    perform = ThreadedPerformer(performer(app))
    serve_for_ever(app.config["VESTNIK"].redis_url, QUEUES, perform)
    if not perform.wait(GRACE_S):
        # What is on the wire keeps its phase in the database; another mailer takes over when the lease ends.
        log.warning("a mail server did not answer in time; its messages are taken up again later")
        logging.shutdown()
        os._exit(0)
