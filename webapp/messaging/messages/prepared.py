"""Orders in their final words, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from webapp.messaging.messages.layout import RenderedMail
from webapp.messaging.messages.orders import Channel, MessageOrder, SkipReason

Skipped = Mapping[Channel, SkipReason]


class Hindrance(NamedTuple):
    """Why a mail is written and does not leave: its state and its cause."""

    state: str
    cause: str


@dataclass(frozen=True)
class Prepared:
    """An order in its final words, with the channels that it may use."""

    order: MessageOrder
    rendered: RenderedMail
    address: str
    channels: frozenset[Channel]
    skipped: dict[Channel, SkipReason] = field(default_factory=dict)
    hindrance: Hindrance | None = None

    def without(self, skipped: Skipped) -> Self:
        """Return the same without some channels, each with the reason."""
        return replace(self, channels=self.channels - skipped.keys(), skipped={**self.skipped, **skipped})

    def hindered(self, hindrance: Hindrance) -> Self:
        """Return the same with its mail to be kept here."""
        return replace(self, hindrance=hindrance)


@dataclass(frozen=True)
class Composed:
    """What became of an order. ``message_id`` is None when no channel was left, or it was done before."""

    order: MessageOrder
    message_id: int | None
    skipped: Skipped
