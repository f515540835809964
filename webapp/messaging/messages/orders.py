"""What rules ask for: one text for one person, by which channels, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.events.services import Subject
from webapp.messaging.messages.models import Lane, MessageClass


class Channel(StrEnum):
    """A way to reach a person."""

    EMAIL = "email"
    PUSH = "push"


class SkipReason(StrEnum):
    """Why a channel of an order was not used; kept with the decision that made the order."""

    INACTIVE = "inactive"
    UNREGISTERED = "unregistered"
    NO_CONNECTION = "no_connection"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    OWN_MAILBOX = "own_mailbox"
    SILENT_MODE = "silent_mode"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class MessageText:
    """The words of a message in one language, with ``{placeholders}``.

    The lead is the fact in one sentence; of the facts at most three are shown; the action is the
    button's word.
    """

    subject: str
    lead: str
    facts: tuple[tuple[str, str], ...] = ()
    body: str = ""
    action: str = ""
    push_title: str = ""
    push_body: str = ""


@dataclass(frozen=True)
class MessageOrder:
    """One text for one person: an account, or an address that has none.

    ``dedupe_key`` makes the order happen once; ``link`` is a path of this program; ``why`` is the
    footer's sentence: why one gets this and how to stop it; after ``expires_at`` the mail is of no use.
    """

    dedupe_key: str
    rule_code: str
    role: str
    language: str
    time_zone: str
    channels: frozenset[Channel]
    text: MessageText
    values: Mapping[str, str]
    event_id: int | None = None
    subject: Subject | None = None
    account_id: int | None = None
    address: str | None = None
    name: str = ""
    link: str = ""
    message_class: MessageClass = MessageClass.NOTICE
    lane: Lane = Lane.ORDINARY
    why: str = ""
    expires_at: datetime | None = None
