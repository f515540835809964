"""What came of the matrix, as the table of docs/reliability.md."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.faults.matrix.cells import Cell, every_cell, points_of_the_program
from tests.faults.matrix.checker import Fault
from tests.faults.matrix.scenes import Result

BEGINS: Final = "<!-- the table of `make faults` begins -->"
ENDS: Final = "<!-- the table of `make faults` ends -->"
OWN_COLUMNS: Final = (Fault.LOST, Fault.STUCK, Fault.UNEXPLAINED, Fault.DIFFERING)


def reached_points(results: Sequence[Result]) -> set[str]:
    """Return the points at which the program really was broken."""
    return {Cell.of(result.name).point for result in results if result.reached}


def text_of(results: Sequence[Result], seconds: float) -> str:
    """Return the table with what one must know to believe it."""
    points, reached = points_of_the_program(), reached_points(results)
    lines = [
        BEGINS,
        "",
        f"Of {datetime.now(UTC):%Y-%m-%d}, on {_machine()}, in {seconds / 60:.0f} min.",
        f"Cells played: {len(results)} of {sum(1 for _cell in every_cell())}. {_reached(points, reached)}",
        "",
        *_rows("who: where", results, lambda cell: f"{cell.scene}: {cell.point}"),
        "",
        *_rows("action", results, lambda cell: cell.action),
        "",
        *_rows("the mail server", results, lambda cell: cell.server),
        "",
        *_rows("database, mode", results, lambda cell: f"{cell.database}, {cell.mode}"),
        "",
        ENDS,
    ]
    return "\n".join(lines)


def _reached(points: set[str], reached: set[str]) -> str:
    return f"Failpoints reached: {len(points & reached)} of {len(points)}."


def write_into(page: Path, table: str) -> None:
    """Put the table in the place of the one before. Raises ValueError when the page has no place for it."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGINS)
    _, mark, after = rest.partition(ENDS)
    if not mark:
        raise ValueError(f"{page} has no place for the table")
    page.write_text(before + table + after, encoding="utf-8")


def _rows(title: str, results: Sequence[Result], key: Callable[[Cell], str]) -> list[str]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(key(Cell.of(result.name)), []).append(result)
    columns = [title, "runs", "kills", "mails taken", "extra copies", *OWN_COLUMNS, "other faults"]
    return [
        _line(columns),
        _line(["---"] + ["---:"] * (len(columns) - 1)),
        *(_line([name, *_numbers(groups[name])]) for name in sorted(groups)),
        _line(["**all**", *_numbers(results)]),
    ]


def _numbers(results: Sequence[Result]) -> list[str]:
    faults = Counter(fault for result in results for fault in result.faults)
    own = [faults[column.value] for column in OWN_COLUMNS]
    totals = [
        len(results),
        sum(result.kills for result in results),
        sum(result.taken for result in results),
        sum(result.extra_copies for result in results),
        *own,
        sum(faults.values()) - sum(own),
    ]
    return [str(number) for number in totals]


def _line(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def _machine() -> str:
    system = f"Linux {platform.release().partition('-')[0]}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores of {platform.machine()}, {system}"
