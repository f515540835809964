"""From an event's record to the values that texts may name, as one reader would see them."""

from __future__ import annotations

from collections.abc import Callable, Collection
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
        "deadline",
        "description",
        "initiator",
        "number",
        "old_status",
        "priority",
        "recipient",
        "requester",
        "service",
        "stage",
        "status",
        "subject",
        "team",
        "ticket",
        "valid_until",
        "vote",
        "votes",
    }
)

#: Names of texts and the attributes whose values they show.
ATTRIBUTES = {
    "assignee": "assignee",
    "deadline": "deadline",
    "description": "description",
    "initiator": "author",
    "priority": "priority",
    "requester": "requester",
    "service": "service",
    "status": "status",
    "team": "team",
}

#: Who acted when nobody did: the program itself.
PROGRAM = {"ru": "Вестник", "en": "Vestnik"}

#: How approvals are spoken of.
STAGES = {"ru": "{} из {}", "en": "{} of {}"}
YES = {"ru": "за", "en": "for"}
NO = {"ru": "против", "en": "against"}
VOTES = {
    "ru": "за — {approved}, против — {rejected}, нужно {needed} из {asked}",
    "en": "{approved} for, {rejected} against, {needed} of {asked} needed",
}
NUMBER_SIGNS = {"ru": "№ ", "en": "#"}


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
        self._shown: dict[tuple[str, str, str], str] = {}

    def values(self, reader: Reader, names: Collection[str] = NAMES) -> dict[str, str]:
        """Return these names with their values for the reader; what is not there is empty."""
        return {name: self._value(name, reader) for name in names}

    def _value(self, name: str, reader: Reader) -> str:
        """All readers of one language and zone see the same, but for what depends on who reads."""
        if name == "recipient":
            return reader.name
        if name in {"comment", "comment_author"}:
            return self._comment(reader).get(name, "")
        key = (name, reader.language, reader.time_zone)
        if key not in self._shown:
            self._shown[key] = (
                self._attribute(name, reader) if name in ATTRIBUTES else OTHERS[name](self, reader)
            )
        return self._shown[key]

    def _attribute(self, name: str, reader: Reader) -> str:
        if self.record is None:
            return ""
        shown = self._shown_now(ATTRIBUTES[name], reader)
        return shown or self.record.requester_address or "" if name == "requester" else shown

    def number(self, _reader: Reader) -> str:
        """The record's number."""
        return str(self.record.id) if self.record else ""

    def subject(self, _reader: Reader) -> str:
        """The record's title."""
        return self.record.title if self.record else ""

    def old_status(self, reader: Reader) -> str:
        """The status that the event replaced."""
        before = self.event.changes.get("status", {}).get("before")
        return self._show("status", before, reader) if before else ""

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

    def valid_until(self, reader: Reader) -> str:
        """Until when a link of the event works, in the reader's words and zone."""
        expires_at = self.event.data.get("expires_at")
        if not expires_at:
            return ""
        zone = zone_or_utc(reader.time_zone)
        moment = datetime.fromisoformat(expires_at)
        return format_datetime(moment, "d MMMM y, HH:mm (VVV)", tzinfo=zone, locale=reader.language)

    def stage(self, reader: Reader) -> str:
        """Which of its stages the approval is in; nothing when it has only one."""
        data = self.event.data
        number = data.get("stage_opened") or data.get("replaced", data.get("vote", {})).get("stage")
        is_told = number and data.get("stages", 1) > 1
        return STAGES[reader.language].format(number, data["stages"]) if is_told else ""

    def ticket(self, reader: Reader) -> str:
        """The ticket that the record stands under, with its number."""
        ticket = self.look.parent_of(self.record, self.event)
        return f"{NUMBER_SIGNS[reader.language]}{ticket.id} {ticket.title}" if ticket else ""

    def vote(self, reader: Reader) -> str:
        """How somebody voted."""
        vote = self.event.data.get("vote")
        return (YES if vote["is_approval"] else NO)[reader.language] if vote else ""

    def votes(self, reader: Reader) -> str:
        """How the stage stands after the vote."""
        vote = self.event.data.get("vote")
        return VOTES[reader.language].format(**vote) if vote else ""

    def actor(self, reader: Reader) -> str:
        """Who did it."""
        actor = self.look.account(self.event.actor_id)
        return actor.name if actor else PROGRAM[reader.language]


#: Names whose values are no attributes.
OTHERS: dict[str, Callable[[Scope, Reader], str]] = {
    "actor": Scope.actor,
    "number": Scope.number,
    "old_status": Scope.old_status,
    "stage": Scope.stage,
    "subject": Scope.subject,
    "ticket": Scope.ticket,
    "valid_until": Scope.valid_until,
    "vote": Scope.vote,
    "votes": Scope.votes,
}
