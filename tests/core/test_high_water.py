"""The file that remembers how far a database had come: for that one alone, and no witness when copied."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from webapp.core.config import PROJECT_ROOT
from webapp.core.high_water import FILE, LONGEST_WRITE, remember, remembered

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def age(folder: Path, by: timedelta) -> None:
    """Let the file say that it was written long ago, which it was when it is put back from a backup."""
    kept = json.loads((folder / FILE).read_text())
    kept["written_at"] = (datetime.fromisoformat(kept["written_at"]) - by).isoformat()
    (folder / FILE).write_text(json.dumps(kept))


def test_what_was_remembered_last_is_known(tmp_path: Path) -> None:
    assert remembered(tmp_path, "ours") is None
    for minutes in range(3):
        remember(tmp_path, "ours", NOON + timedelta(minutes=minutes))
    assert remembered(tmp_path, "ours") == NOON + timedelta(minutes=2)
    assert [each.name for each in tmp_path.iterdir()] == [FILE]


def test_it_knows_nothing_of_another_database(tmp_path: Path) -> None:
    remember(tmp_path, "ours", NOON)
    assert remembered(tmp_path, "another") is None


@pytest.mark.parametrize("preserve", [shutil.copy, shutil.copy2], ids=["plain", "with its times"])
def test_a_file_that_was_put_back_is_no_witness(tmp_path: Path, preserve) -> None:
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    backup.mkdir(), restored.mkdir()
    remember(backup, "ours", NOON)
    age(backup, LONGEST_WRITE + timedelta(seconds=1))
    preserve(backup / FILE, restored / FILE)
    assert remembered(restored, "ours") is None
    remember(restored, "ours", NOON)
    assert remembered(restored, "ours") == NOON


def test_a_machine_that_was_off_for_days_remembers(tmp_path: Path) -> None:
    remember(tmp_path, "ours", NOON)
    status = (tmp_path / FILE).stat()
    os.utime(tmp_path / FILE, (status.st_atime - 5e5, status.st_mtime - 5e5))
    assert remembered(tmp_path, "ours") == NOON


@pytest.mark.parametrize(
    "words", ["", "{", "[]", "7", '{"mark": 7}', '{"mark": "noon", "written_at": "noon", "database": "ours"}']
)
def test_a_broken_file_knows_nothing(tmp_path: Path, words: str) -> None:
    (tmp_path / FILE).write_text(words)
    assert remembered(tmp_path, "ours") is None


#: Writes as on a full disk, in a process of its own.
WITHOUT_ROOM = """
import logging, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from webapp.core.high_water import remember
logging.basicConfig(stream=sys.stdout)
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
remember(Path(sys.argv[1]), "ours", datetime.now(UTC))
"""


def test_a_disk_without_room_is_logged_and_leaves_what_was_there(tmp_path: Path) -> None:
    remember(tmp_path, "ours", NOON)
    command = [sys.executable, "-c", WITHOUT_ROOM, str(tmp_path)]
    said = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout
    assert "cannot be written: [Errno 27]" in said
    assert remembered(tmp_path, "ours") == NOON
    assert [each.name for each in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_is_gone_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    remember(tmp_path / "gone", "ours", NOON)
    assert "A restored backup may go unnoticed" in caplog.text
