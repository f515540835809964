"""The ledger of a mail server: what it took is on disk before it answers, and read by whoever checks."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from email import message_from_bytes
from pathlib import Path

_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@dataclass(frozen=True)
class Entry:
    """One mail that the server answers for; ``taken_at`` is in seconds since 1970.

    ``was_answered`` is whether the server said 250, and could say it.
    """

    recipients: tuple[str, ...]
    message_id: str
    sha256: str
    header_names: tuple[str, ...]
    bare_line_ends: int
    was_answered: bool
    taken_at: float


def entry_of(recipients: Sequence[str], raw: bytes, *, was_answered: bool) -> Entry:
    """Return what the ledger keeps of a mail."""
    headers = message_from_bytes(raw.partition(b"\r\n\r\n")[0])
    return Entry(
        recipients=tuple(recipients),
        message_id=str(headers["Message-ID"]),
        sha256=hashlib.sha256(raw).hexdigest(),
        header_names=tuple(headers.keys()),
        bare_line_ends=len(_BARE_LINE_END.findall(raw)),
        was_answered=was_answered,
        taken_at=time.time(),
    )


class LedgerFile:
    """One line of JSON for each mail, on disk before the line after it is begun."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, entry: Entry) -> None:
        """Keep a mail."""
        self._append(asdict(entry))

    def write_lost_answer(self, sha256: str) -> None:
        """Keep that the sender of the last such mail did not hear the answer."""
        self._append({"lost_answer": sha256})

    def read(self) -> list[Entry]:
        """Return the mails in the order in which they were taken; none while there is no file."""
        entries: list[Entry] = []
        if not self.path.exists():
            return entries
        for line in self.path.read_text(encoding="utf-8").splitlines():
            values = json.loads(line)
            if "lost_answer" in values:
                _take_answer_back(entries, values["lost_answer"])
                continue
            lists = {name: tuple(values.pop(name)) for name in ("recipients", "header_names")}
            entries.append(Entry(**values, **lists))
        return entries

    def _append(self, values: dict[str, object]) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, json.dumps(values).encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)


def _take_answer_back(entries: list[Entry], sha256: str) -> None:
    last = max(number for number, entry in enumerate(entries) if entry.sha256 == sha256)
    entries[last] = replace(entries[last], was_answered=False)
