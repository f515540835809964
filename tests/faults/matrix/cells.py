"""The cells of the matrix: names that say everything, so that one of them can be run again alone."""

from __future__ import annotations

import fnmatch
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from tests.faults.matrix.server_faults import NO_FAULT, SERVER_FAULTS
from webapp.core.config import PROJECT_ROOT

DATABASES: Final = ("sqlite", "postgresql")
MODES: Final = ("careful", "bulk")
ACTIONS: Final = ("kill", "stop", "raise", "eio", "sleep", "term")
#: Which passing of the point it is: the second one is in the middle of a batch.
SENDER: Final = {
    "after_claim": 1, "connect": 1, "tls": 1, "auth": 1, "mail": 2, "rcpt": 2, "data": 2, "mid_body": 2,
    "before_dot": 2, "after_dot": 2, "after_reply": 2, "after_commit": 2, "quit": 1, "dot_committed": 1,
}  # fmt: skip
SWEEPER: Final = {"sweeper.before_commit": 1, "sweeper.before_ring": 1}
WORKER: Final = {"dispatch.read": 1, "dispatch.written": 1, "before_ring": 1}
WEB: Final = {"web.before_commit": 1, "web.after_commit": 1, "before_ring": 1, "before_answer": 1}
#: Between them events come to be, and no mail: test_due_timers.py breaks the program there.
OF_OTHER_TESTS: Final = {"timers.announced", "timers.before_commit"}
SCENES: Final = {"sender": SENDER, "sweeper": SWEEPER, "worker": WORKER, "web": WEB}

_POINT = re.compile(r'(?:failpoint|_passing|_pass_commit|\bpassing)\("([a-z_.]+)"[,)]')


@dataclass(frozen=True)
class Cell:
    """Who breaks, where and how; what the server does meanwhile; on which database; how careful."""

    scene: str
    point: str
    action: str
    server: str
    database: str
    mode: str

    @property
    def name(self) -> str:
        """All of it in one word, as ``sender:after_dot:kill:F36-drops-at-mail:sqlite:careful``."""
        return f"{self.scene}:{self.point}:{self.action}:{self.server}:{self.database}:{self.mode}"

    @property
    def order(self) -> str:
        """What FAILPOINT says for it."""
        action = "sleep=0.2" if self.action == "sleep" else self.action
        return f"{self.point}:{SCENES[self.scene][self.point]}:{action}"

    @classmethod
    def of(cls, name: str) -> Cell:
        """Read a name back. Raises ValueError."""
        cell = cls(*name.split(":"))
        if cell.point not in SCENES[cell.scene] or cell.server not in SERVER_FAULTS:
            raise ValueError(name)
        return cell


def every_cell() -> Iterator[Cell]:
    """Return the whole matrix. Around pages and events the server's faults matter little: two serve."""
    for scene, points in SCENES.items():
        servers = SERVER_FAULTS if scene == "sender" else (NO_FAULT, "F36-takes-and-drops")
        for values in product(points, ACTIONS, servers, DATABASES, _modes(scene)):
            yield Cell(scene, *values)


def usual_cells() -> Iterator[Cell]:
    """Return every kill on both databases in both modes, and every gentler action in one of the four ways."""
    ways = list(product(DATABASES, MODES))
    for cell in every_cell():
        way = zlib.crc32(f"{cell.scene}:{cell.point}:{cell.action}:{cell.server}".encode()) % len(ways)
        is_kept = (cell.database, cell.mode) == ways[way]
        if (
            cell.action == "kill"
            or is_kept
            or (cell.database == ways[way][0] and len(_modes(cell.scene)) == 1)
        ):
            yield cell


def chosen(only: str = "", share: int = 1) -> list[Cell]:
    """Return the cells with the words of ``only`` in their names (``*`` is anything), or one of ``share``.

    By its whole name every cell of the matrix can be played.
    """
    cells = list(every_cell() if only else usual_cells())
    found = [cell for cell in cells if fnmatch.fnmatchcase(cell.name, f"*{only}*")]
    random.Random(share).shuffle(found)
    # Point by point, so that a share has some of each.
    found.sort(key=lambda cell: (cell.scene, cell.point))
    return found[::share]


def _modes(scene: str) -> Sequence[str]:
    return MODES if scene in {"sender", "sweeper"} else MODES[:1]


def slice_of(database: str) -> list[Cell]:
    """Return a few cells: every point once with kill, every server fault once, every action, both modes."""
    pairs = _pairs_of_the_slice()
    shift = DATABASES.index(database)
    return [
        Cell(scene, point, ACTIONS[0] if number % 3 else ACTIONS[1 + number // 3 % 5], server, database, mode)
        for number, (scene, point, server) in enumerate(pairs)
        for mode in [MODES[(number + shift) % 2] if scene in {"sender", "sweeper"} else MODES[0]]
    ]


def _pairs_of_the_slice() -> list[tuple[str, str, str]]:
    sender = list(SENDER)
    pairs = [("sender", sender[number % len(sender)], server) for number, server in enumerate(SERVER_FAULTS)]
    others = [(scene, point) for scene in SCENES if scene != "sender" for point in SCENES[scene]]
    return pairs + [(scene, point, NO_FAULT) for scene, point in others]


def points_of_the_program() -> set[str]:
    """Return the names of all failpoints in the source but those that have tests of their own."""
    files = [file for folder in ("webapp", "jobs") for file in (PROJECT_ROOT / folder).rglob("*.py")]
    found = {name for file in files for name in _POINT.findall(file.read_text(encoding="utf-8"))}
    return found - OF_OTHER_TESTS


def points_of(cells: Sequence[Cell]) -> set[str]:
    """Return the points at which the cells break the program."""
    return {cell.point for cell in cells}
