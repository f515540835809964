"""The mail of the demo mailbox: one file per mail with the bytes as they came, and one with its envelope."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

MOST_MAILS = 500
NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Envelope:
    """What the sending side said besides the mail itself."""

    sender: str
    recipients: list[str]
    received_at: str
    encryption: str
    login: str


@dataclass(frozen=True)
class StoredMail:
    """One mail in the mailbox; ``name`` is its file's name without the ending."""

    name: str
    envelope: Envelope
    content: bytes

    @property
    def received_at(self) -> datetime:
        """When it was taken."""
        return datetime.fromisoformat(self.envelope.received_at)


def keep(folder: Path, content: bytes, envelope: Envelope) -> str:
    """Write the mail and its envelope, forget the oldest beyond the limit, return the new name."""
    moment = datetime.fromisoformat(envelope.received_at)
    name = f"{moment:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    _write(folder / f"{name}.json", json.dumps(asdict(envelope), ensure_ascii=False).encode())
    _write(folder / f"{name}.eml", content)  # last: a mail is there when this file is
    _forget_oldest(folder)
    return name


def names(folder: Path) -> list[str]:
    """Return the names of all mails, newest first."""
    return sorted((path.stem for path in folder.glob("*.eml") if NAME.fullmatch(path.stem)), reverse=True)


def read(folder: Path, name: str) -> StoredMail | None:
    """Return one mail, or None when there is no such one."""
    if not NAME.fullmatch(name):
        return None
    try:
        envelope = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        content = (folder / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    return StoredMail(name, Envelope(**envelope), content)


def _forget_oldest(folder: Path) -> None:
    for name in names(folder)[MOST_MAILS:]:
        for ending in (".eml", ".json"):
            (folder / f"{name}{ending}").unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
