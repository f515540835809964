"""Several lanes side by side, each with databases of its own, fed from one list of cells."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from tests.faults.matrix.cells import Cell
from tests.faults.matrix.checker import Fault
from tests.faults.matrix.scenes import Result
from tests.support.databases import PostgresqlDatabase, PostgresqlServer, SqliteDatabase
from webapp.app import create_app
from webapp.core.config import PROJECT_ROOT, Config
from webapp.core.db import db

#: A cell mostly waits for leases to run out, so more of them go side by side than there are cores.
LANES: Final = 3
_TEMPLATE: Final = "faults_template"


class Lanes:
    """Plays cells in processes of their own; each cell's result is a future."""

    def __init__(self, folder: Path, databases: Iterable[str], count: int = LANES) -> None:
        self._waiting: SimpleQueue[tuple[Cell, Future[Result]]] = SimpleQueue()
        self._is_over = threading.Event()
        self._server = PostgresqlServer(folder / "postgresql") if "postgresql" in databases else None
        template = self._prepare(folder, set(databases))
        self._threads = []
        for number in range(count):
            lane = folder / f"lane-{number}"
            lane.mkdir()
            if template is not None:
                shutil.copyfile(template, lane / "template.db")
            process = self._start(lane, number)
            thread = threading.Thread(target=self._feed, args=(process,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def play(self, cell: Cell) -> Future[Result]:
        """Play the cell as soon as a lane is free."""
        future: Future[Result] = Future()
        self._waiting.put((cell, future))
        return future

    def close(self) -> None:
        """Finish the cells at hand, drop the others, end every process."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        if self._server is not None:
            self._server.stop()

    def _prepare(self, folder: Path, databases: set[str]) -> Path | None:
        file = None
        if "sqlite" in databases:
            sqlite = SqliteDatabase(folder)
            _migrate(sqlite, folder)
            file = sqlite.template
        if self._server is not None:
            _migrate(PostgresqlDatabase(self._server.start(_TEMPLATE)), folder)
        return file

    def _start(self, folder: Path, number: int) -> subprocess.Popen[str]:
        urls = [self._server.start(f"faults_{number}", _TEMPLATE)] if self._server else []
        command = [sys.executable, "-m", "tests.faults.matrix.lane", str(folder), *urls]
        return subprocess.Popen(
            command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def _feed(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        while not self._is_over.is_set():
            try:
                cell, future = self._waiting.get(timeout=0.1)
            except Empty:
                continue
            future.set_result(_ask(process, cell))
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def _ask(process: subprocess.Popen[str], cell: Cell) -> Result:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{cell.name}\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except OSError:
        line = ""
    if not line:
        return Result(cell.name, ["the lane itself ended"], [Fault.BROKEN_PAGE.value])
    return Result(**json.loads(line))


def _migrate(database: SqliteDatabase | PostgresqlDatabase, folder: Path) -> None:
    app = create_app(
        Config(
            folder, database.url, f"unix://{folder / 'nobody.sock'}", ("a key of the matrix",), is_test=True
        )
    )
    with app.app_context():
        database.prepare(app)
        db.session.remove()
        db.engine.dispose()


@contextmanager
def running(databases: Iterable[str], count: int = LANES) -> Iterator[Lanes]:
    """Start lanes in a folder of shared memory, and remove everything at the end."""
    parent = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="vestnik-faults-", dir=parent))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    lanes = None
    try:
        lanes = Lanes(folder, tuple(databases), count)
        yield lanes
    finally:
        if lanes is not None:
            lanes.close()
        shutil.rmtree(folder, ignore_errors=True)


Progress = Callable[[Result], None]


def play_all(cells: Iterable[Cell], on_result: Progress, count: int = LANES) -> list[Result]:
    """Play every cell and return what came of each, telling ``on_result`` as they come."""
    cells = list(cells)
    with running(sorted({cell.database for cell in cells}), count) as lanes:
        futures = [lanes.play(cell) for cell in cells]
        results = []
        for future in futures:
            results.append(future.result())
            on_result(results[-1])
    return results
