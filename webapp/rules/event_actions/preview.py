"""A row's text as its readers would get it: of something that happened, or of a specimen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select

from webapp.core.db import db
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.events.services import Subject
from webapp.languages.values.links import LARGEST_ID
from webapp.messaging.messages import compose, logos
from webapp.messaging.messages.bodies import Parts
from webapp.messaging.messages.layout import RenderedMail
from webapp.messaging.messages.orders import Channel, MessageOrder, MessageText
from webapp.people.accounts.models import Account
from webapp.rules import audience
from webapp.rules.audience import Person
from webapp.rules.event_actions import catalogue, links, subscriber
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.triggers import Happening
from webapp.rules.look import Look
from webapp.rules.scope import Reader, Scope

#: So many of the latest events are looked through for those of the row.
LOOKED_THROUGH: Final = 500
OFFERED: Final = 7
SPECIMEN_NUMBER: Final = 1042


@dataclass(frozen=True)
class Occasion:
    """Something that happened for which the row speaks."""

    event: Event
    record: Record


@dataclass(frozen=True)
class Preview:
    """What would leave, and to whom it would be addressed."""

    mail: RenderedMail
    to: str
    role: str


def list_occasions(row: EventAction) -> list[Occasion]:
    """Return the latest events for which the row speaks, newest first."""
    newest = select(Event).where(Event.subject_type == row.subject_type).order_by(Event.id.desc())
    events = db.session.scalars(newest.limit(LOOKED_THROUGH)).all()
    look, found = Look(events), []
    for event in events:
        occasion = _occasion(row, event, look)
        if occasion is not None:
            found.append(occasion)
        if len(found) == OFFERED:
            break
    return found


def get_occasion(row: EventAction, event_id: str | None) -> Occasion | None:
    """Return the event with this number if the row speaks for it."""
    number = int(event_id) if event_id and event_id.isascii() and event_id.isdecimal() else 0
    event = db.session.get(Event, number) if 0 < number <= LARGEST_ID else None
    return _occasion(row, event, Look([event])) if event is not None else None


def show(row: EventAction, text: MessageText, language: str, occasion: Occasion | None) -> Preview:
    """Return the text in its final words. Raises UnknownPlaceholder."""
    reader, role, values = _specimen(row, language)
    event = occasion.event if occasion else None
    subject = Subject(event.subject_type, event.subject_id) if event else None
    if occasion is not None:
        reader, role, values = _addressed(row, text, language, occasion)
    order = MessageOrder(
        dedupe_key="", rule_code=row.code, role=role, language=language, time_zone=reader.time_zone,
        channels=frozenset(Channel), text=text, values=values, name=reader.name,
        subject=subject,
        link=links.path_to(subject) if subject else f"/go/{row.subject_type}/{SPECIMEN_NUMBER}",
        why=catalogue.words(language).why_of(row.topic, role),
    )  # fmt: skip
    mail = compose.render(order)
    shown = logos.with_pictures(Parts(mail.text, mail.html, mail.logo))
    return Preview(replace(mail, html=shown), reader.name, role)


def _occasion(row: EventAction, event: Event, look: Look) -> Occasion | None:
    record = look.record_of(event)
    if record is None or row not in subscriber.rows_that_fire(Happening(event, record)):
        return None
    return Occasion(event, record)


def _specimen(row: EventAction, language: str) -> tuple[Reader, str, dict[str, str]]:
    sample = catalogue.words(language).sample
    return Reader(sample["recipient"], language, "UTC"), _role_of(row), sample


def _addressed(
    row: EventAction, text: MessageText, language: str, occasion: Occasion
) -> tuple[Reader, str, dict[str, str]]:
    """Return the first person whom the row would tell of it, reading in the language."""
    event, record, look = occasion.event, occasion.record, Look([occasion.event])
    people = [one for each in row.to for one in audience.people_in(each, record, event, look)]
    person = people[0] if people else Person(_role_of(row))
    account: Account | None = look.account(person.account_id)
    known = subscriber.reader_of(person, account)
    name = known.name or catalogue.words(language).sample["recipient"]
    reader = Reader(name, language, known.time_zone, known.account)
    return reader, person.role, Scope(record, event, look).values(reader, catalogue.names_used(text))


def _role_of(row: EventAction) -> str:
    role = row.roles[0]
    return role if role in audience.PRECEDENCE else "observer"  # a new observer is told as an observer
