"""Whether an instance is prepared for this version of the code, so that a second start loads little.

The database itself says so: one that was put back from an older backup says that it is not.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from webapp.core.config import PROJECT_ROOT, Config

SOURCES = ("migrations/versions/*.py", "webapp/desk/**/*.toml", "webapp/rules/**/*.toml", "webapp/demo/*.py")
#: Among the settings, under this key.
KEY: Final = "installation.prepared_for"


def is_current(config: Config) -> bool:
    """Whether ``vestnik init`` has nothing to do; another database than SQLite's is always asked by it."""
    return config.is_sqlite and _stored(_database(config)) == of_code(config)


def of_code(config: Config) -> str:
    """Return what stands for the code and the settings that ``vestnik init`` prepares for."""
    digest = hashlib.sha256(f"{config.database_url} {config.is_demo}".encode())
    mailbox = config.instance / "mailbox" / "settings.json"
    digest.update(mailbox.read_bytes() if mailbox.is_file() else b"")
    for pattern in SOURCES:
        for path in sorted(PROJECT_ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _stored(file: Path) -> str | None:
    """Read what the database was prepared for, with the standard library alone: it is there at once."""
    if not file.is_file():
        return None
    try:
        with closing(sqlite3.connect(file)) as connection:
            row = connection.execute("SELECT value FROM setting WHERE key = ?", (KEY,)).fetchone()
    except sqlite3.Error:
        return None
    return str(json.loads(row[0])) if row else None


def _database(config: Config) -> Path:
    return Path(config.database_url.removeprefix("sqlite:///"))
