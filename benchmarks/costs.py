"""Where the time goes: ``python -m benchmarks.costs drain sqlite`` prints a message's costs by function."""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import event

from benchmarks import cast
from benchmarks.installation import Installation
from benchmarks.stage import DATABASES, stage
from jobs.worker import performer
from webapp.core.db import db
from webapp.events.models import PARTS
from webapp.job_names import JobName
from webapp.messaging.mail_connections.models import MailConnection, SendingMode
from webapp.messaging.messages import compose

LINES = 45
ROOT = str(Path(__file__).resolve().parents[1])


@click.command()
@click.argument("what", type=click.Choice(["drain", "events"]))
@click.argument("database", type=click.Choice(DATABASES))
@click.option("--count", default=2000, help="How many deliveries or events.")
@click.option("--mode", type=click.Choice([mode.value for mode in SendingMode]), default="careful")
def main(what: str, database: str, count: int, mode: str) -> None:
    """Print what one delivery or one event costs, by function, by statement, and without the profiler."""
    with stage() as made:
        installation = made.installation(database)
        installation.set_mode(SendingMode(mode))
        work = _drain if what == "drain" else _dispatch
        prepare = _queue if what == "drain" else _announce
        prepare(installation, count // 4, "warm")
        work(installation)
        prepare(installation, count, "plain")
        _print_plain(installation, count, work)
        prepare(installation, count, "profiled")
        _print_profile(installation, count, work)


def _queue(installation: Installation, count: int, mark: str) -> None:
    with installation.opened():
        compose.create_messages(cast.orders_of_a_remark(count, mark))
        db.session.commit()


def _announce(installation: Installation, count: int, _mark: str) -> None:
    with installation.opened():
        cast.remark_on_all(count)
        db.session.commit()


def _drain(installation: Installation) -> None:
    with installation.opened():
        connection_id = db.session.query(MailConnection.id).scalar()
    perform = performer(installation.app)
    while installation.count_undecided():
        perform(JobName.DELIVER_MAIL, connection_id)


def _dispatch(installation: Installation) -> None:
    perform = performer(installation.app)
    while installation.count_events():
        for part in range(PARTS):
            perform(JobName.DISPATCH_EVENTS, part)


def _print_plain(installation: Installation, count: int, work: Callable[[Installation], None]) -> None:
    with _statements(installation) as counted:
        began, spent = time.perf_counter(), time.process_time()
        work(installation)
        wall, cpu = time.perf_counter() - began, time.process_time() - spent
    click.echo(
        f"{count} done: {wall / count * 1e6:.0f} µs each, {cpu / count * 1e6:.0f} µs of them busy in this "
        f"process; {count / wall:.0f} a second"
    )
    click.echo("statements each: " + f"{sum(counted.values()) / count:.2f}")
    for words, times in counted.most_common(30):
        click.echo(f"  {times / count:8.3f}  {words}")


@contextmanager
def _statements(installation: Installation) -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        counted[" ".join(statement.split())[:150]] += 1

    def note_end(_connection: Any) -> None:
        counted["COMMIT"] += 1

    def note_rollback(_connection: Any) -> None:
        counted["ROLLBACK"] += 1

    with installation.opened():
        engine = db.engine
    listeners = (("before_cursor_execute", note), ("commit", note_end), ("rollback", note_rollback))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield counted
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


def _print_profile(installation: Installation, count: int, work: Callable[[Installation], None]) -> None:
    profile = cProfile.Profile()
    profile.runcall(work, installation)
    stats = pstats.Stats(profile)
    for order, title in (("cumulative", "with what they call"), ("tottime", "by themselves")):
        click.echo(f"\nµs each under the profiler, {title} (calls, by themselves, with what they call)")
        _print_table(stats, order, count)


def _print_table(stats: pstats.Stats, order: str, count: int) -> None:
    place = 3 if order == "cumulative" else 2
    rows = sorted(stats.stats.items(), key=lambda row: row[1][place], reverse=True)  # type: ignore[attr-defined] # the stubs leave it out
    for (file, line, name), (_primitive, calls, own, total, _callers) in rows[:LINES]:
        where = file.replace(ROOT + "/", "").split("site-packages/")[-1]
        click.echo(
            f"  {calls / count:9.2f} {own / count * 1e6:9.1f} {total / count * 1e6:9.1f}"
            f"  {where}:{line} {name}"
        )


if __name__ == "__main__":
    sys.exit(main())
