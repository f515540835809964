"""The whole program: events become messages while mailers already send them, until the sink has them all."""

from __future__ import annotations

from functools import partial

from benchmarks import cast
from benchmarks.helpers import python, run_together
from benchmarks.measurement import Goal, Measurement
from benchmarks.measures.drain import MAILERS, NAMES, check
from benchmarks.measures.events_to_rows import PEOPLE
from benchmarks.rounds import RATE, Figures, Unit
from benchmarks.stage import DATABASES, Stage
from webapp.core.db import db
from webapp.messaging.mail_connections.models import SendingMode

EVENTS = 20_000


def measurements() -> list[Measurement]:
    """Return the measurement on both databases, in bulk mode."""
    return [
        Measurement(
            f"program.{database}",
            f"whole program, 20,000 events → 60,000 e-mails and 60,000 push notes, {NAMES[database]}",
            partial(run, database=database),
            (Goal(Unit.REFERENCE, 0.05, 0.15),),
        )
        for database in DATABASES
    ]


def run(stage: Stage, *, database: str) -> Figures:
    """Handle events in one process and send in two others; return mails a second. Raises Lost."""
    installation, count = stage.installation(database), stage.scaled(EVENTS)
    installation.set_mode(SendingMode.BULK)
    sent, taken = installation.count_deliveries(is_sent=True), stage.sink.count()
    with installation.opened():
        cast.remark_on_all(count)
        db.session.commit()
    helpers = [python("benchmarks.workers", "dispatch"), *[python("benchmarks.workers", "mail")] * MAILERS]
    spent = run_together(helpers, installation.environment)
    check(stage, installation, sent + count * PEOPLE, taken + count * PEOPLE)
    return {RATE: count * PEOPLE / spent.wall_s}
