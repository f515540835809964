"""Durable drain: deliveries that stand in the queue, taken by the sink, with every state recorded."""

from __future__ import annotations

from functools import partial

from benchmarks import cast
from benchmarks.helpers import python, run_together
from benchmarks.installation import Installation
from benchmarks.measurement import Goal, Measurement
from benchmarks.rounds import RATE, Figures, Unit
from benchmarks.stage import DATABASES, Stage
from webapp.core.db import db
from webapp.messaging.mail_connections.models import SendingMode
from webapp.messaging.messages import compose

FEWEST = 5000
SHORTEST_S = 3.0
MAILERS = 2
BATCH = 1000

GOALS = {SendingMode.CAREFUL: (0.10, 0.15), SendingMode.BULK: (0.25, 0.50)}
WORDS = {
    SendingMode.CAREFUL: "durable drain, careful mode",
    SendingMode.BULK: "durable drain, bulk mode",
}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Lost(AssertionError):
    """The database and the mail server do not agree on what was sent."""


def measurements() -> list[Measurement]:
    """Return the drains of both modes on both databases."""
    return [
        Measurement(
            f"drain.{database}.{mode.value}",
            f"{WORDS[mode]}, {NAMES[database]}",
            partial(drain, database=database, mode=mode),
            (Goal(Unit.REFERENCE, *GOALS[mode]),),
        )
        for database in DATABASES
        for mode in SendingMode
    ]


def drain(stage: Stage, *, database: str, mode: SendingMode) -> Figures:
    """Queue mails and send them with two mailer processes; return mails a second. Raises Lost."""
    installation = stage.installation(database)
    installation.set_mode(mode)
    count = stage.scaled(FEWEST)
    wall_s = _drain(stage, installation, count)
    if wall_s < SHORTEST_S and stage.scale >= 1:
        count = round(count / wall_s * SHORTEST_S * 1.2)
        wall_s = _drain(stage, installation, count)
    return {RATE: count / wall_s}


def _drain(stage: Stage, installation: Installation, count: int) -> float:
    sent, taken = installation.count_deliveries(is_sent=True), stage.sink.count()
    queue(installation, count)
    mailer = python("benchmarks.workers", "mail")
    spent = run_together([mailer] * MAILERS, installation.environment)
    check(stage, installation, sent + count, taken + count)
    return spent.wall_s


def queue(installation: Installation, count: int) -> None:
    """Write mails through the program's own door, ready to be sent."""
    with installation.opened():
        mark = f"drain:{installation.count_deliveries(is_sent=True)}"
        orders = list(cast.orders_of_a_remark(count, mark))
        for start in range(0, count, BATCH):
            compose.create_messages(orders[start : start + BATCH])
            db.session.commit()


def check(stage: Stage, installation: Installation, sent: int, taken: int) -> None:
    """Compare what the database says and what the sink counted with what should be. Raises Lost."""
    left, found = installation.count_deliveries(is_sent=False), installation.count_deliveries(is_sent=True)
    counted = stage.sink.wait_for(taken)
    if left or found != sent or counted != taken:
        raise Lost(f"{found} of {sent} are sent, {left} are not; the server has {counted} of {taken}")
