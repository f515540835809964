"""How mail leaves through a connection: what people may set, our own values, and those of the original."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from webapp.mail.charsets import UTF_8
from webapp.messaging.mail_connections.models import MailConnection


@dataclass(frozen=True)
class SendingRules:
    """What the block *Sending* says besides names and addresses; what is not given has our own values.

    None: the pause between attempts grows until the message expires; a session takes any number of mails, and
    the next may follow at once. Times are in seconds.
    """

    charset: str = UTF_8
    has_latin_headers: bool = False
    most_attempts: int | None = None
    retry_pause_s: int | None = None
    most_in_batch: int | None = None
    batch_interval_s: int | None = None
    sends_in_parts: bool = True


class Preset(StrEnum):
    """Whose values the block goes back to."""

    OURS = "ours"
    ORIGINAL = "original"


PRESETS: Final = {
    Preset.OURS: SendingRules(),
    Preset.ORIGINAL: SendingRules(
        most_attempts=5, retry_pause_s=120, most_in_batch=10, batch_interval_s=20, sends_in_parts=False
    ),
}


def rules_of(connection: MailConnection) -> SendingRules:
    """Return those of the connection."""
    return SendingRules(**{name: getattr(connection, name) for name in asdict(SendingRules())})


def differences(connection: MailConnection, wanted: SendingRules) -> list[tuple[str, Any, Any]]:
    """Return what would change: the parameter's name, its present value and its new one."""
    before, after = asdict(rules_of(connection)), asdict(wanted)
    return [(name, before[name], after[name]) for name in after if before[name] != after[name]]
