"""``make bench``: takes the measurements in rounds, prints them as they come, writes docs/benchmarks.md."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from statistics import median

import click

from benchmarks import machine, postfix, report
from benchmarks.measurement import Measurement, NotMeasured
from benchmarks.measures import all_measurements
from benchmarks.report import Entry
from benchmarks.rounds import play
from benchmarks.stage import Stage, stage

REFERENCE_MAILS = 12_000
#: So many times it is taken at once: of three the middle one does not mind a passing disturbance.
REFERENCE_TIMES = 3


@click.command()
@click.option("--only", default="", help="The beginning of what is measured: drain, drain.sqlite, events …")
@click.option("--rounds", default=3, show_default=True, help="How many rounds have to count.")
@click.option(
    "--scale", default=1.0, show_default=True, help="Less than 1 for a glance; it is not written down."
)
@click.option("--list", "is_list", is_flag=True, help="Only say what there is.")
def main(only: str, rounds: int, scale: float, is_list: bool) -> None:  # noqa: FBT001 - as the command line has it
    """Measure, print and write the table. How fast anything is never makes it fail."""
    chosen = [one for one in all_measurements() if one.key.startswith(only)]
    if is_list:
        click.echo("\n".join(f"{one.key:30} {one.title}" for one in chosen))
        return
    logging.disable(logging.WARNING)
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # as Ctrl-C: servers and folders are cleared away
    try:
        postfix.fetch()
    except postfix.ToolsMissing as error:
        click.echo(f"R is a plain sender of our own, because Postfix's could not be fetched: {error}")
    with stage(scale) as made:
        entries = [_measure(made, one, rounds) for one in chosen]
        where = machine.describe(made)
    if scale >= 1:
        report.write(entries, where)
        click.echo(f"\nWritten to {report.PAGE}.")


def _measure(made: Stage, one: Measurement, wanted: int) -> Entry:
    click.echo(f"{one.key}: {one.title}")
    try:
        rounds = play(
            lambda: _reference(made),
            lambda: one.take(made),
            _bound(made, one),
            one.rounds or wanted,
            lambda round_: click.echo(f"  {report.told_round(round_)}"),
        )
    except NotMeasured as error:
        click.echo(f"  not measured: {error}")
        return Entry.without(one, str(error))
    entry = Entry.of(one, rounds)
    click.echo("\n".join(f"  {line}" for line in report.lines(entry)))
    return entry


def _reference(made: Stage) -> float:
    return median(postfix.send(REFERENCE_MAILS, made.sink.port) for _ in range(REFERENCE_TIMES))


def _bound(made: Stage, one: Measurement) -> Callable[[], dict[str, float]] | None:
    rival = one.rival
    return None if rival is None else lambda: dict(rival(made))


if __name__ == "__main__":
    main()
