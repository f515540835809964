"""`make faults`: plays the matrix, or the whole program under random faults, and tells what broke."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence

import click

from tests.faults.matrix import table
from tests.faults.matrix.cells import chosen, points_of_the_program
from tests.faults.matrix.lanes import LANES, play_all
from tests.faults.matrix.scenes import Result
from webapp.core.config import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "reliability.md"


def main() -> int:
    """Read the command line; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", default="", help="cells whose names have these words; * is anything")
    parser.add_argument("--share", type=int, default=1, help="play one cell of so many")
    parser.add_argument("--lanes", type=int, default=LANES, help="cells side by side")
    parser.add_argument("--seed", default="", help="random faults instead: a number, or 1-10")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing is left behind
    if options.seed:
        return _random(options.seed)
    return _matrix(options.only, options.share, options.lanes)


def _matrix(only: str, share: int, lanes: int) -> int:
    cells, started = chosen(only, share), time.monotonic()
    if not cells:
        click.echo(f"no cell has {only!r} in its name")
        return 2
    progress = _Progress(len(cells))
    results = play_all(cells, progress.show, lanes)
    seconds = time.monotonic() - started
    missed = [] if only else sorted(points_of_the_program() - table.reached_points(results))
    if not only:
        table.write_into(PAGE, table.text_of(results, seconds))
    return _say(results, missed, seconds)


def _say(results: Sequence[Result], missed: list[str], seconds: float) -> int:
    broken = [result for result in results if result.findings]
    kills, extra = sum(result.kills for result in results), sum(result.extra_copies for result in results)
    click.echo(
        f"{len(results)} runs, {kills} kills, {extra} extra copies, {seconds:.0f} s,"
        f" {len(broken)} runs broke a promise"
    )
    for name in missed:
        click.echo(f"never reached: {name}")
    for result in broken:
        click.echo(f"  make faults ONLY='{result.name}'")
    return 1 if broken or missed else 0


def _random(seeds: str) -> int:
    from tests.faults.matrix.random_faults import play  # the matrix needs no whole program

    first, _, last = seeds.partition("-")
    broken = []
    for seed in range(int(first), int(last or first) + 1):
        story = play(seed)
        click.echo(f"seed {seed}: {story.words}")
        for finding in story.findings:
            click.echo(f"  {finding}")
        broken += [seed] if story.findings else []
    for seed in broken:
        click.echo(f"  make faults SEED={seed}")
    return 1 if broken else 0


class _Progress:
    """One line for what broke, and one now and then for how far it is."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.done = 0

    def show(self, result: Result) -> None:
        self.done += 1
        if result.findings:
            words = (f"{result.name} {result.states}", *result.findings, result.log[-2000:])
            click.echo("\n  ".join(words))
        if self.done % 25 == 0 or self.done == self.count:
            click.echo(f"{self.done} of {self.count}")


if __name__ == "__main__":
    sys.exit(main())
