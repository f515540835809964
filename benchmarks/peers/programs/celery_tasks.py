"""Celery: one task for each mail, in four forked processes, with Redis between."""

from __future__ import annotations

import os

import one_mail
from celery import Celery

app = Celery("mail", broker=os.environ["PEER_REDIS_URL"])
app.conf.task_ignore_result = True
app.conf.task_default_queue = "mail"
app.conf.broker_connection_retry_on_startup = True


@app.task
def send(number: int) -> None:
    """Send one mail."""
    one_mail.send(number)
