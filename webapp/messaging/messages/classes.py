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


@dataclass(frozen=True)
class ClassRules:
    """How a class is sent; ``sending`` of None leaves it to the connection."""

    sending: SendingMode | None
    most_copies: int

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
    if entry or not isinstance(copies, int) or copies < 1:
        raise ValueError(f"classes.toml: {name} must have sending and copies of at least 1, and nothing else")
    return ClassRules(None if sending == AS_THE_CONNECTION else SendingMode(str(sending)), copies)


RULES: Final = _read()
