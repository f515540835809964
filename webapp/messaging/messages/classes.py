"""The rules of each class of message, read from ``classes.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from webapp.messaging.mail_connections.models import SendingMode
from webapp.messaging.messages.models import MessageClass

GROUP: Final = 20  # so many messages become doubtful when a sender in bulk mode is killed
AS_THE_CONNECTION: Final = "connection"
SUBMITTED: Final = frozenset({"auto-generated", "auto-replied"})  # RFC 3834 §5


@dataclass(frozen=True)
class ClassRules:
    """How a class is sent and what its headers say; ``sending`` of None leaves it to the connection."""

    sending: SendingMode | None
    most_copies: int
    submitted: str
    is_bulk: bool

    def group_size(self, mode: str) -> int:
        """Return for how many messages states are committed at once over a connection in that mode."""
        return GROUP if (self.sending or mode) == SendingMode.BULK else 1


def _read() -> dict[str, ClassRules]:
    entries = tomllib.loads((Path(__file__).parent / "classes.toml").read_text(encoding="utf-8"))
    if entries.keys() != {one.value for one in MessageClass}:
        raise ValueError("classes.toml must have a table for each class of message and no other")
    return {name: _rules(name, entry) for name, entry in entries.items()}


def _rules(name: str, entry: dict[str, object]) -> ClassRules:
    sending, copies = entry.pop("sending"), entry.pop("copies")
    submitted, is_bulk = entry.pop("submitted"), entry.pop("bulk")
    is_right = (
        isinstance(copies, int) and copies >= 1 and submitted in SUBMITTED and isinstance(is_bulk, bool)
    )
    if entry or not is_right:
        raise ValueError(f"classes.toml: {name} says something that is not explained at its top")
    mode = None if sending == AS_THE_CONNECTION else SendingMode(str(sending))
    return ClassRules(mode, int(str(copies)), str(submitted), is_bulk=bool(is_bulk))


RULES: Final = _read()
