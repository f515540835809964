"""How far a database had come when this machine last worked with it: kept in a file, outside of the database.

A database that has not come so far is an older one, which somebody has put in its place.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

FILE: Final = "high-water-mark.json"
#: From the writing of the file to the moment at which the file system called it changed.
LONGEST_WRITE: Final = timedelta(minutes=5)


def remembered(folder: Path, database: str) -> datetime | None:
    """Return how far the database had come; None when this machine does not know it.

    A file that was put back together with the database knows nothing: it is no witness of what came later.
    """
    file = folder / FILE
    try:
        kept = json.loads(file.read_text(encoding="ascii"))
        is_copy = _changed_at(file.stat()) - datetime.fromisoformat(kept["written_at"]) > LONGEST_WRITE
        mark = datetime.fromisoformat(kept["mark"]).astimezone(UTC)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if is_copy or kept.get("database") != database else mark


def remember(folder: Path, database: str, mark: datetime) -> None:
    """Keep how far the database has come. A folder that cannot be written stops nothing; the log says so."""
    try:
        _write(folder, {"database": database, "mark": mark.isoformat()})
    except OSError as error:
        log.warning("%s cannot be written: %s. A restored backup may go unnoticed", folder / FILE, error)


def _write(folder: Path, words: dict[str, str]) -> None:
    """Put the file in the place of the one before, whole or not at all."""
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="ascii", delete=False) as file:
        written = Path(file.name)
        try:
            json.dump(words | {"written_at": _changed_at(written.stat()).isoformat()}, file)
            file.flush()
            written.replace(folder / FILE)
        except OSError:
            written.unlink()
            raise


def _changed_at(status: os.stat_result) -> datetime:
    """Return when the file system last touched the file: nobody can set that, and a copy has its own."""
    return datetime.fromtimestamp(status.st_ctime, UTC)
