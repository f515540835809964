"""Rings again and again for whatever is due or was left behind; any number of clocks may run."""

from __future__ import annotations

import logging
import time

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from jobs import stopping
from jobs.ring_again import ring_again
from jobs.worker import open_app
from webapp.core import job_queue
from webapp.core.db import db
from webapp.job_names import JobName

log = logging.getLogger(__name__)

PRUNE_EVERY_S = 3600.0
PRUNING = (JobName.PRUNE, JobName.PRUNE_FILES)


def main() -> None:
    """Run until SIGTERM or SIGINT, whatever is away meanwhile."""
    app = open_app()
    keep_ringing(app, app.config["VESTNIK"].ring_again_every)


def keep_ringing(app: Flask, every_s: float) -> None:
    """Ring for what is due every ``every_s`` seconds until the process is asked to stop."""
    prune_at = time.monotonic()
    while not stopping.is_requested():
        with app.app_context():
            _ring_once()
            if time.monotonic() >= prune_at and all(job_queue.ring(job) for job in PRUNING):
                prune_at = time.monotonic() + PRUNE_EVERY_S
        stopping.wait(every_s)


def _ring_once() -> None:
    try:
        ring_again()
    except (SQLAlchemyError, OSError):
        log.exception("the clock could not look at the database; it tries again in a moment")
    finally:
        db.session.remove()
