"""A background process of a measurement: made ready, told to go, then working until nothing is left.

It calls the program's own jobs one after another, as the worker and the mailer do when they are rung.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Final

import click
from flask import Flask
from sqlalchemy import exists, select

from jobs.worker import open_app, performer
from webapp.core.db import db
from webapp.events.models import PARTS, Event
from webapp.job_names import JobName
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.models import Delivery, DeliveryState

#: Between two looks at a queue that somebody else is emptying.
PAUSE_S: Final = 0.05
READY: Final = "ready"
UNDECIDED: Final = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)


@click.command()
@click.argument("what", type=click.Choice(["mail", "dispatch"]))
def main(what: str) -> None:
    """Work until nothing is left; speaks with the process that started it over its standard streams."""
    app = open_app()
    work = WORK[what]
    _warm_up(app)
    click.echo(READY)
    sys.stdin.readline()
    began = time.process_time()
    work(app)
    click.echo(json.dumps({"ended_at": time.monotonic(), "busy_s": time.process_time() - began}))


def _warm_up(app: Flask) -> None:
    with app.app_context():
        db.session.execute(select(MailConnection))
        db.session.rollback()


def mail(app: Flask) -> None:
    """Send through every connection until all events are handled and every delivery is decided."""
    perform = performer(app)
    with app.app_context():
        connections = list(db.session.scalars(select(MailConnection.id)))
        db.session.remove()
    while _is_left(app, with_mail=True):
        for number in connections:
            perform(JobName.DELIVER_MAIL, number)
        time.sleep(PAUSE_S)  # another worker has what is left


def dispatch(app: Flask) -> None:
    """Handle all events."""
    perform = performer(app)
    while _is_left(app, with_mail=False):
        for part in range(PARTS):
            perform(JobName.DISPATCH_EVENTS, part)


def _is_left(app: Flask, *, with_mail: bool) -> bool:
    with app.app_context():
        try:
            if db.session.scalar(select(exists().where(~Event.is_done))):
                return True
            return with_mail and bool(
                db.session.scalar(select(exists().where(Delivery.state.in_(UNDECIDED))))
            )
        finally:
            db.session.rollback()
            db.session.remove()


WORK: Final[dict[str, Callable[[Flask], None]]] = {"mail": mail, "dispatch": dispatch}

if __name__ == "__main__":
    main()
