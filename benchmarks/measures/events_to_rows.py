"""From events to rows: one process makes of each remark mails and push notes for three people."""

from __future__ import annotations

from functools import partial

from sqlalchemy import func, select

from benchmarks import cast
from benchmarks.helpers import python, run_together
from benchmarks.installation import Installation
from benchmarks.measurement import Goal, Measurement
from benchmarks.measures.drain import NAMES, Lost
from benchmarks.rounds import RATE, Figures, Unit
from benchmarks.stage import DATABASES, Stage
from webapp.core.db import db
from webapp.messaging.messages.models import Delivery
from webapp.messaging.push.models import PushNote

EVENTS = 2000
PEOPLE = 3
GOALS = {"sqlite": (500, 1500), "postgresql": (200, 600)}


def measurements() -> list[Measurement]:
    """Return the measurement on both databases."""
    return [
        Measurement(
            f"events.{database}",
            f"event → 3 e-mails + 3 push notes as rows, one process, {NAMES[database]}",
            partial(dispatch, database=database),
            (Goal(Unit.PER_SECOND, *GOALS[database]),),
        )
        for database in DATABASES
    ]


def dispatch(stage: Stage, *, database: str) -> Figures:
    """Let one process handle events; return events a second. Raises Lost when rows are missing."""
    installation, count = stage.installation(database), stage.scaled(EVENTS)
    before = _count_rows(installation)
    with installation.opened():
        cast.remark_on_all(count)
        db.session.commit()
    spent = run_together([python("benchmarks.workers", "dispatch")], installation.environment)
    made = _count_rows(installation) - before
    installation.settle_all()
    if made != count * PEOPLE * 2:
        raise Lost(f"{count} events made {made} rows, not {count * PEOPLE * 2}")
    return {RATE: count / spent.wall_s}


def _count_rows(installation: Installation) -> int:
    with installation.opened():
        counted = (
            db.session.scalar(select(func.count()).select_from(model)) for model in (Delivery, PushNote)
        )
        return sum(number or 0 for number in counted)
