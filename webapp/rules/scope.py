"""From an event's record to the values that texts may name, as one reader would see them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from babel.dates import format_datetime

from webapp.core.clock import now
from webapp.core.locales import zone_or_utc
from webapp.desk.agreements import book, countdown
from webapp.desk.records.attribute_door import STATUS
from webapp.desk.records.models import Comment, Record
from webapp.desk.records.shown import show
from webapp.events.models import Event
from webapp.people.accounts.models import Account
from webapp.rules.look import Look
from webapp.rules.spans import moment_in_words, percent_in_words, span_in_words

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
        "file",
        "number",
        "old_status",
        "percent",
        "priority",
        "reaction_due",
        "recipient",
        "requester",
        "service",
        "stage",
        "status",
        "subject",
        "team",
        "ticket",
        "time_left",
        "time_over",
        "valid_until",
        "waiting_since",
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
    "reaction_due": "react_by",
    "requester": "requester",
    "service": "service",
    "status": "status",
    "team": "team",
}

#: Who acted when nobody did: the program itself.
PROGRAM = {"ru": "Вестник", "en": "Vestnik"}
NUMBER_SIGNS = {"ru": "№ ", "en": "#"}

#: How approvals are spoken of.
STAGES = {"ru": "{} из {}", "en": "{} of {}"}
YES = {"ru": "за", "en": "for"}
NO = {"ru": "против", "en": "against"}
VOTES = {
    "ru": "за — {approved}, против — {rejected}, нужно {needed} из {asked}",
    "en": "{approved} for, {rejected} against, {needed} of {asked} needed",
}
#: What stands behind the first few names of files.
MORE_FILES = {"ru": " и ещё {count}", "en": " and {count} more"}
FILES_NAMED = 3
LONGEST_FILE_NAME = 80


@dataclass(frozen=True)
class Reader:
    """Whoever will read the text: values are shown in their language and zone, and by their rights."""

    name: str
    language: str
    time_zone: str
    account: Account | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the reader works for the desk."""
        return self.account is not None and self.account.is_staff


class Term(NamedTuple):
    """The working time of a whole term, and what is left of it; negative when it is over."""

    whole: timedelta
    left: timedelta


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
        if name == "ticket":
            return self._ticket(reader)
        if name == "file":
            return self._files(reader)
        key = (name, reader.language, reader.time_zone)
        if key not in self._shown:
            self._shown[key] = (
                self._attribute(name, reader) if name in ATTRIBUTES else OTHERS[name](self, reader)
            )
        return self._shown[key]

    def _attribute(self, name: str, reader: Reader) -> str:
        if self.record is None or not _has(self.record, ATTRIBUTES[name]):
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

    def _ticket(self, reader: Reader) -> str:
        """Return the number of the record's ticket, and its subject for whom may see it."""
        ticket = self.look.parent_of(self.record, self.event)
        if ticket is None:
            return ""
        number = f"{NUMBER_SIGNS[reader.language]}{ticket.id}"
        may_see = reader.account is not None and self.look.may_see(ticket, reader.account)
        return f"{number} {ticket.title}" if may_see else number

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

    def _files(self, reader: Reader) -> str:
        """Return the names of files that the event brought, of internal ones for staff only."""
        files = self.event.data.get("files", [])
        names = [each["name"] for each in files if reader.is_staff or not each["is_internal"]]
        first = ", ".join(_shortened(name) for name in names[:FILES_NAMED])
        more = len(names) - FILES_NAMED
        return first + MORE_FILES[reader.language].format(count=more) if more > 0 else first

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

    def percent(self, reader: Reader) -> str:
        """Which share of the term of the event's deadline is over."""
        term = self._term
        if term is None or not term.whole:
            return ""
        return percent_in_words(round(100 * (1 - term.left / term.whole)), reader.language)

    def time_left(self, reader: Reader) -> str:
        """How much working time is left until the event's deadline."""
        return span_in_words(max(self._term.left, timedelta()), reader.language) if self._term else ""

    def time_over(self, reader: Reader) -> str:
        """By how much working time the event's deadline is over."""
        return span_in_words(max(-self._term.left, timedelta()), reader.language) if self._term else ""

    def waiting_since(self, reader: Reader) -> str:
        """Since when the record has the status of which an escalation reminds."""
        since = self.event.data.get("since")
        zone = zone_or_utc(reader.time_zone)
        return moment_in_words(datetime.fromisoformat(since), zone, reader.language) if since else ""

    @cached_property
    def _term(self) -> Term | None:
        name = self.event.data.get("deadline")
        deadline = self.look.deadline(self.event.subject_id, name) if name else None
        if deadline is None:
            return None
        working_time = book.get().working_time(deadline.calendar_id)
        whole = countdown.whole_term(deadline, working_time)
        return Term(whole, countdown.left(deadline, working_time, now()))

    def stage(self, reader: Reader) -> str:
        """Which of its stages the approval is in; nothing when it has only one."""
        data = self.event.data
        number = data.get("stage_opened") or data.get("replaced", data.get("vote", {})).get("stage")
        is_told = number and data.get("stages", 1) > 1
        return STAGES[reader.language].format(number, data["stages"]) if is_told else ""

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


def _has(record: Record, attribute: str) -> bool:
    names = {STATUS, *(each.system_name for each in record.template.attributes)}
    return attribute in names


def _shortened(name: str) -> str:
    """Leave the beginning and the ending of a long name."""
    half = LONGEST_FILE_NAME // 2
    return name if len(name) <= LONGEST_FILE_NAME else f"{name[:half]}…{name[-half:]}"


#: Names whose values are no attributes.
OTHERS: dict[str, Callable[[Scope, Reader], str]] = {
    "actor": Scope.actor,
    "number": Scope.number,
    "old_status": Scope.old_status,
    "percent": Scope.percent,
    "stage": Scope.stage,
    "subject": Scope.subject,
    "time_left": Scope.time_left,
    "time_over": Scope.time_over,
    "valid_until": Scope.valid_until,
    "vote": Scope.vote,
    "votes": Scope.votes,
    "waiting_since": Scope.waiting_since,
}
