"""What a row told in a rehearsal, counted: messages, people, what was merged, who was passed over and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from webapp.events.models import Event
from webapp.messaging.messages.orders import Channel
from webapp.rules.answers import Reason
from webapp.rules.audience import Person

MOST_SAMPLES: Final = 5
Ear = int | str | None


@dataclass
class Tally:
    """The counts of the events looked at so far, newest first."""

    looked_at: int = 0
    fired: int = 0
    messages: int = 0
    reached_at: datetime | None = None
    is_cut: bool = False
    by_channel: Counter[str] = field(default_factory=Counter)
    people: dict[str, set[Ear]] = field(default_factory=dict)
    merged: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    samples: list[int] = field(default_factory=list)

    def look_at(self, event: Event) -> None:
        """Count one event, whether the row speaks of it or not."""
        self.looked_at += 1
        self.reached_at = event.happened_at

    def tell(self, event: Event, person: Person, channels: frozenset[Channel]) -> None:
        """Count one message to one person."""
        self.messages += 1
        for channel in channels:
            self.by_channel[channel.value] += 1
            self.people.setdefault(channel.value, set()).add(person.account_id or person.address)
        if event.id not in self.samples and len(self.samples) < MOST_SAMPLES:
            self.samples.append(event.id)

    def pass_over(self, channel: str, reason: str, people: int) -> None:
        """Count people who would not be told by a channel."""
        if reason == Reason.MERGED:
            self.merged[channel] += people
        else:
            self.passed_over[reason] += people

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it; of people only their number."""
        return {
            "looked_at": self.looked_at,
            "fired": self.fired,
            "messages": self.messages,
            "reached_at": self.reached_at.isoformat() if self.reached_at else None,
            "is_cut": self.is_cut,
            "by_channel": dict(self.by_channel),
            "people": {channel: len(ears) for channel, ears in self.people.items()},
            "merged": dict(self.merged),
            "passed_over": dict(self.passed_over),
            "samples": self.samples,
        }
