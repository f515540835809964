"""Events in words: who did what, to what, when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.core.db import db
from webapp.core.locales import LANGUAGES
from webapp.desk.agreements.models import Agreement
from webapp.desk.records import history
from webapp.desk.records.history import Entry, Line
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.events.services import Subject
from webapp.languages.values import Reader
from webapp.messaging.mail_connections.models import MailConnection
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account
from webapp.people.calendars.models import WorkingCalendar
from webapp.rules.event_actions import catalogue, moment_words
from webapp.rules.event_actions.moments import from_text
from webapp.rules.narration.words import CHANNELS, DEEDS, FIELDS, PARTS

#: The field of an account that holds the number of another one.
MANAGER = "manager_id"


@dataclass(frozen=True)
class Happened:
    """One event in words, with what it is about."""

    entry: Entry
    subject: Subject
    subject_name: str

    @property
    def event(self) -> Event:
        """The event itself."""
        return self.entry.event


def narrate(events: Sequence[Event], reader: Reader) -> list[Happened]:
    """Return the events in words, in their order, for a reader who may see everything. Reads in bulk."""
    records = _records(events)
    people = accounts.accounts_by_ids(set(_people(events)))
    names = {Subject("account", account.id): account.name for account in people.values()}
    names |= {Subject("record", record.id): _record_name(record) for record in records.values()}
    names |= _connections(events)
    names |= _named(events, "calendar", WorkingCalendar) | _named(events, "agreement", Agreement)
    return [_happened(event, records, people, names, reader) for event in events]


def _record_name(record: Record) -> str:
    return f"{_('#%(number)s', number=record.id)} {record.title}"


def _happened(
    event: Event,
    records: dict[int, Record],
    people: dict[int, Account],
    names: dict[Subject, str],
    reader: Reader,
) -> Happened:
    subject = Subject(event.subject_type, event.subject_id)
    record = records.get(event.subject_id) if event.subject_type == "record" else None
    if record is not None:
        entry = history.entries_of(record, [event], reader, with_internal=True)[0]
    else:
        entry = _entry(event, people, reader)
    return Happened(entry, subject, names.get(subject, ""))


def _entry(event: Event, people: dict[int, Account], reader: Reader) -> Entry:
    icon, tone, title = DEEDS.get(event.kind, ("bolt", "neutral", event.kind))
    lines = tuple(_line(event, name, change, people, reader) for name, change in event.changes.items())
    return Entry(event, people.get(event.actor_id or 0), icon, tone, str(title), lines)


def _line(event: Event, name: str, change: object, people: dict[int, Account], reader: Reader) -> Line:
    sides = change if isinstance(change, dict) else {"after": change}
    if name == MANAGER:
        sides = {side: people[number].name for side, number in sides.items() if number in people}
    if event.data.get("setting") == "event_actions":
        label, yes, no = _setting_name(name, reader.language), _("on"), _("off")
        if " text " in name:
            return Line(label, *(_version(sides.get(side)) for side in ("before", "after")))
        if name.endswith(" moment"):
            return Line(label, *(_moment(name, sides.get(side), reader) for side in ("before", "after")))
    else:
        label, yes, no = _field_name(name), _("yes"), _("no")
    before, after = (_plain(sides.get(side), yes, no) for side in ("before", "after"))
    return Line(label, before, after)


def _setting_name(name: str, language: str) -> str:
    code, _space, part = name.partition(" ")
    row_name = catalogue.words(language).names.get(code, code)
    kind, _space, of = part.partition(" ")
    if kind == "text":
        return f"{row_name}: {_('Text')} ({LANGUAGES.get(of, of)})"
    return f"{row_name}: {PARTS.get(part) or CHANNELS.get(part, part)}"


def _moment(name: str, stored: object, reader: Reader) -> str:
    row = catalogue.row(name.partition(" ")[0])
    if row is None or row.moment is None:
        return str(stored)
    try:
        return moment_words.in_words(from_text(str(stored), row.moment), reader.language)
    except ValueError:
        return str(stored)  # of an older version


def _version(number: object) -> str:
    return str(_("Version %(number)s", number=number) if number else _("Vestnik's words"))


def _field_name(name: str) -> str:
    return str(FIELDS.get(name, name))


def _plain(value: object, yes: str, no: str) -> str:
    if isinstance(value, bool):
        return yes if value else no
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _records(events: Iterable[Event]) -> dict[int, Record]:
    ids = {event.subject_id for event in events if event.subject_type == "record"}
    found = db.session.scalars(select(Record).where(Record.id.in_(ids)).options(selectinload(Record.links)))
    return {record.id: record for record in found}


def _people(events: Iterable[Event]) -> Iterable[int]:
    for event in events:
        if event.actor_id:
            yield event.actor_id
        if event.subject_type == "account":
            yield event.subject_id
        yield from filter(None, event.changes.get(MANAGER, {}).values())


def _named(
    events: Iterable[Event], kind: str, model: type[WorkingCalendar | Agreement]
) -> dict[Subject, str]:
    ids = {event.subject_id for event in events if event.subject_type == kind}
    if not ids:
        return {}
    found = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
    return {Subject(kind, number): name for number, name in found}


def _connections(events: Iterable[Event]) -> dict[Subject, str]:
    ids = {event.subject_id for event in events if event.subject_type == "connection"}
    if not ids:
        return {}
    found = db.session.execute(
        select(MailConnection.id, MailConnection.host).where(MailConnection.id.in_(ids))
    )
    return {Subject("connection", connection_id): host for connection_id, host in found}
