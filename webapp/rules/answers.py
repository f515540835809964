"""What a subscriber answers to an event: messages to be made, and who was passed over and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from webapp.messaging.messages.orders import MessageOrder


class Reason(StrEnum):
    """Why somebody was not told. Kept in receipts; ``rules.explain`` has the words."""

    SWITCHED_OFF = "switched_off"
    CONDITION = "condition"
    CONDITION_BROKEN = "condition_broken"
    OWN_ACTION = "own_action"
    MERGED = "merged"
    NO_LONGER_DUE = "no_longer_due"
    TOO_LATE = "too_late"
    TOLD_TODAY = "told_today"
    NOT_STAFF = "not_staff"
    INACTIVE = "inactive"
    UNREGISTERED = "unregistered"
    NO_CONNECTION = "no_connection"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    OWN_MAILBOX = "own_mailbox"
    SILENT_MODE = "silent_mode"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Decision:
    """People whom one row passed over on one channel; those who were told have a message instead."""

    row: str
    channel: str
    reason: str
    account_ids: tuple[int, ...] = ()

    def as_json(self) -> list[Any]:
        """Return the short form in which receipts keep it."""
        return [self.row, self.channel, self.reason, list(self.account_ids)]

    @classmethod
    def from_json(cls, stored: list[Any]) -> Decision:
        """Read what ``as_json`` wrote."""
        row, channel, reason, account_ids = stored
        return cls(row, channel, reason, tuple(account_ids))


@dataclass(frozen=True)
class Answer:
    """What one subscriber wants done about one event."""

    orders: tuple[MessageOrder, ...] = ()
    decisions: tuple[Decision, ...] = ()


def gathered(decisions: Iterable[Decision]) -> list[Decision]:
    """Return the decisions with the accounts of equal ones together, in the order of their first making."""
    accounts: dict[tuple[str, str, str], set[int]] = {}
    for decision in decisions:
        key = (decision.row, decision.channel, decision.reason)
        accounts.setdefault(key, set()).update(decision.account_ids)
    return [Decision(*key, tuple(sorted(ids))) for key, ids in accounts.items()]
