"""What a mail server does wrong, each fault by its number in the fault plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: The scale of all waits of the mail protocol in a cell: ten minutes after the dot are 1.8 s.
TIMEOUTS_SCALE: Final = 0.003
AFTER_DOT_S: Final = 600 * TIMEOUTS_SCALE
RETRY_SCALE: Final = 0.002
STRIPPED: Final = "250-sink.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"

Script = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class ServerFault:
    """A script of the sink, what the connection needs for it, and in which states mail may end by it."""

    script: Script = field(default_factory=dict)
    closed_s: float = 0.0
    needs_tls: bool = False
    needs_sign_in: bool = False
    ends: frozenset[str] = frozenset({"sent"})
    messages: int = 6
    retry_scale: float = RETRY_SCALE


def _refusing(script: Script) -> ServerFault:
    return ServerFault(script, ends=frozenset({"sent", "refused"}))


NO_FAULT: Final = "F00-healthy"
SERVER_FAULTS: Final[Mapping[str, ServerFault]] = {
    NO_FAULT: ServerFault(),
    "F33-refuses-connections": ServerFault(closed_s=0.25),
    "F33-black-hole": ServerFault({("greeting", 1): "hang"}),
    "F34-greylists-each-once": ServerFault({("rcpt each", 1): "451 4.7.1 come back later"}),
    "F35-refuses-sender": ServerFault({("mail", 2): "550 5.7.1 not from there"}),
    "F35-refuses-recipient": _refusing({("rcpt", 2): "550 5.1.1 nobody of that name"}),
    "F35-refuses-data": _refusing({("data", 2): "554 5.6.0 no"}),
    "F35-refuses-after-dot": _refusing({("dot", 2): "554 5.6.0 no"}),
    "F36-drops-at-mail": ServerFault({("mail", 2): "drop"}),
    "F36-resets-in-body": ServerFault({("body", 2): "rst"}),
    "F36-drops-at-dot-untaken": ServerFault({("dot", 2): "drop"}),
    "F36-takes-and-drops": ServerFault({("dot", 2): "take-drop"}),
    "F37-answers-just-in-time": ServerFault({("dot", 2): f"slow={AFTER_DOT_S * 0.6}"}),
    "F37-answers-too-late": ServerFault({("dot", 2): f"slow={AFTER_DOT_S * 1.1}"}),
    "F38-takes-all-answers-nothing": ServerFault(
        {("dot", 0): "take-drop"}, ends=frozenset({"uncertain"}), messages=2, retry_scale=0.0001
    ),
    "F39-each-recipient-its-own": _refusing(
        {("rcpt to2@example.com", 0): "550 5.1.1 nobody", ("rcpt cc2@example.com", 1): "450 4.2.1 later"}
    ),
    "F40-421-at-second-recipient": ServerFault({("rcpt", 2): "421 4.3.2 closing"}),
    "F40-421-after-some": ServerFault({("mail", 4): "421 4.7.0 too many"}),
    "F41-stranger-certificate": ServerFault(
        {("handshake", 1): "stranger"}, needs_tls=True, needs_sign_in=True
    ),
    "F41-stripped-starttls": ServerFault({("ehlo", 1): STRIPPED}, needs_tls=True, needs_sign_in=True),
    "F42-refuses-password": ServerFault({("auth", 1): "535 5.7.8 no"}, needs_tls=True, needs_sign_in=True),
    "F43-trickles": ServerFault({("mail", 2): "trickle"}),
    "F44-drops-at-quit": ServerFault({("quit", 0): "drop"}),
    "F44-hangs-at-quit": ServerFault({("quit", 0): "hang"}),
}
