"""Whether an instance is prepared for this version of the code, so that a second start asks no database."""

from __future__ import annotations

import hashlib
from pathlib import Path

from webapp.core.config import PROJECT_ROOT, Config

SOURCES = ("migrations/versions/*.py", "webapp/desk/**/*.toml", "webapp/rules/**/*.toml", "webapp/demo/*.py")


def is_current(config: Config) -> bool:
    """Whether ``vestnik init`` has nothing to do; only the embedded database is ours alone to remember."""
    if not config.is_sqlite or not _file(config).is_file() or not _database(config).is_file():
        return False
    return _file(config).read_text(encoding="ascii") == _fingerprint(config)


def remember(config: Config) -> None:
    """Write down that the instance is prepared."""
    _file(config).write_text(_fingerprint(config), encoding="ascii")


def _fingerprint(config: Config) -> str:
    digest = hashlib.sha256(f"{config.database_url} {config.is_demo}".encode())
    mailbox = config.instance / "mailbox" / "settings.json"
    digest.update(mailbox.read_bytes() if mailbox.is_file() else b"")
    for pattern in SOURCES:
        for path in sorted(PROJECT_ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _file(config: Config) -> Path:
    return config.instance / "prepared"


def _database(config: Config) -> Path:
    return Path(config.database_url.removeprefix("sqlite:///"))
