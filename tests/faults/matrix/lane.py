"""A process that plays cells one after another: names come in, what came of them goes out, line by line."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.faults.matrix import pages, scenes
from tests.faults.matrix.cells import Cell
from tests.faults.matrix.checker import Fault
from tests.faults.matrix.scenes import Result, Scene
from tests.faults.matrix.stage import Certificates, Stage
from tests.support.databases import PostgresqlDatabase, SqliteDatabase
from webapp.core.processes import end_with_parent

ACTS: Final[dict[str, Callable[[Scene], None]]] = {
    "sender": scenes.sender,
    "sweeper": scenes.sweeper,
    "worker": pages.worker,
    "web": pages.web,
}


def main() -> None:
    """Read the names of cells until there are no more: ``python -m tests.faults.matrix.lane FOLDER URL…``.

    The folder has a migrated ``template.db`` when cells on SQLite are to be played.
    """
    end_with_parent()
    folder, *urls = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anybody prints must not stand between the results
    certificates = Certificates(Path(folder))
    stages = _stages(Path(folder), urls, certificates)
    for line in sys.stdin:
        result = _play(Cell.of(line.strip()), stages, certificates)
        print(json.dumps(asdict(result)), file=out, flush=True)


def _stages(folder: Path, urls: list[str], certificates: Certificates) -> dict[str, Stage]:
    databases: list[SqliteDatabase | PostgresqlDatabase] = [PostgresqlDatabase(url) for url in urls]
    if (folder / "template.db").exists():
        databases.append(SqliteDatabase(folder))
    stages = [Stage(database, folder, certificates.file) for database in databases]
    return {stage.kind: stage for stage in stages}


def _play(cell: Cell, stages: dict[str, Stage], certificates: Certificates) -> Result:
    started = time.monotonic()
    try:
        result = Scene(cell, stages[cell.database], certificates).play(ACTS[cell.scene])
    except Exception:  # noqa: BLE001 - the other cells are played all the same
        result = Result(cell.name, [traceback.format_exc()], [Fault.BROKEN_PAGE.value])
    result.seconds = round(time.monotonic() - started, 2)
    return result


if __name__ == "__main__":
    main()
