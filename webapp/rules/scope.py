"""From an event's record to the values that texts may name, as one reader would see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from babel.dates import format_datetime

from webapp.core.locales import zone_or_utc
from webapp.desk.records.models import Comment, Record
from webapp.desk.records.shown import show
from webapp.events.models import Event
from webapp.rules.look import Look

#: Every {name} that a text may use.
NAMES = frozenset(
    {
        "actor",
        "assignee",
        "comment",
        "comment_author",
        "description",
        "number",
        "old_status",
        "priority",
        "recipient",
        "requester",
        "service",
        "status",
        "subject",
        "team",
        "valid_until",
    }
)

#: Names of texts and the attributes whose values they show.
ATTRIBUTES = {
    "assignee": "assignee",
    "description": "description",
    "priority": "priority",
    "requester": "requester",
    "service": "service",
    "status": "status",
    "team": "team",
}

#: Who acted when nobody did: the program itself.
PROGRAM = {"ru": "Вестник", "en": "Vestnik"}


@dataclass(frozen=True)
class Reader:
    """Whoever will read the text: values are shown in their language and zone, and by their rights."""

    name: str
    language: str
    time_zone: str
    is_staff: bool = False


class Scope:
    """The values of one event, read once and shown to each reader in their own way."""

    def __init__(self, record: Record | None, event: Event, look: Look) -> None:
        self.record = record
        self.event = event
        self.look = look
        self._shown: dict[tuple[str, str], dict[str, str]] = {}

    def values(self, reader: Reader) -> dict[str, str]:
        """Return every name of NAMES with its value for the reader; what is not there is empty."""
        key = (reader.language, reader.time_zone)
        if key not in self._shown:
            self._shown[key] = self._attributes(reader)
        return (
            dict.fromkeys(NAMES, "") | self._shown[key] | self._comment(reader) | {"recipient": reader.name}
        )

    def _attributes(self, reader: Reader) -> dict[str, str]:
        if self.record is None:
            return {"actor": self._actor_name(reader), "valid_until": self._valid_until(reader)}
        values = {name: self._shown_now(attribute, reader) for name, attribute in ATTRIBUTES.items()}
        values["number"] = str(self.record.id)
        values["subject"] = self.record.title
        values["actor"] = self._actor_name(reader)
        values["requester"] = values["requester"] or self.record.requester_address or ""
        before = self.event.changes.get("status", {}).get("before")
        values["old_status"] = self._show("status", before, reader) if before else ""
        return values

    def _shown_now(self, attribute: str, reader: Reader) -> str:
        """Return what the event set, and what it left alone as it is now."""
        change = self.event.changes.get(attribute)
        if change is not None:
            return self._show(attribute, change.get("after"), reader)
        return self._show(attribute, self._record[attribute], reader)

    def _show(self, attribute: str, value: Any, reader: Reader) -> str:  # noqa: ANN401 - as events keep it
        eyes = self.look.reader(reader.language, reader.time_zone)
        return show(self._record.template, attribute, value, eyes)

    @property
    def _record(self) -> Record:
        if self.record is None:
            raise LookupError(f"event {self.event.id} is not about a record")
        return self.record

    def _comment(self, reader: Reader) -> dict[str, str]:
        comment = self._comment_row
        if comment is None or (comment.is_internal and not reader.is_staff):
            return {}
        author = self.look.account(comment.author_id)
        return {
            "comment": comment.body,
            "comment_author": author.name if author else PROGRAM[reader.language],
        }

    @cached_property
    def _comment_row(self) -> Comment | None:
        return self.look.comment(self.event.data.get("comment", {}).get("id"))

    def _valid_until(self, reader: Reader) -> str:
        """Until when a link of the event works, in the reader's words and zone."""
        expires_at = self.event.data.get("expires_at")
        if not expires_at:
            return ""
        zone = zone_or_utc(reader.time_zone)
        moment = datetime.fromisoformat(expires_at)
        return format_datetime(moment, "d MMMM y, HH:mm (VVV)", tzinfo=zone, locale=reader.language)

    def _actor_name(self, reader: Reader) -> str:
        actor = self.look.account(self.event.actor_id)
        return actor.name if actor else PROGRAM[reader.language]
