"""Why a person heard or did not hear of an event, and which rows looked at it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.core.locales import page_language
from webapp.desk.records.models import Record
from webapp.events.models import Event, ReceiptState
from webapp.events.queries import list_receipts
from webapp.people.accounts.models import Account
from webapp.rules import audience
from webapp.rules.event_actions import catalogue, due, subscriber, trigger_words
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.moment_words import name_of
from webapp.rules.event_actions.moments import get_moments
from webapp.rules.event_actions.triggers import Happening, first_missing
from webapp.rules.look import Look
from webapp.rules.narration import told
from webapp.rules.narration.told import Telling


@dataclass(frozen=True)
class RowLooked:
    """One row that looked at an event: whether the event fits it, and if not what it waits for."""

    code: str
    name: str
    roles: tuple[str, ...]
    is_fired: bool
    missing: str = ""


@dataclass(frozen=True)
class Verdict:
    """What one event came to for one person: messages and reasons, or a sentence when there are neither."""

    telling: Telling
    sentence: str = ""
    rows: tuple[RowLooked, ...] = ()


def rows_that_looked(event: Event, record: Record) -> list[RowLooked]:
    """Return every row that looks at such records, those that the event fits first."""
    language, happening, looked = page_language(), Happening(event, record), []
    words = catalogue.words(language)
    fired, moments = subscriber.rows_that_fire(happening), get_moments()
    for row in catalogue.rows_about(event.subject_type, event.data.get("template")):
        if row.moment and row not in fired:
            continue  # it waits for time to pass, and for nothing that happens
        if row.moment is None and due.is_escalation(event):
            continue
        missing = first_missing(row.when, happening)
        waited = trigger_words.describe(row, missing, language, record.template) if missing else ""
        roles = tuple(words.roles[role] for role in row.roles)
        looked.append(RowLooked(row.code, name_of(row, language, moments), roles, missing is None, waited))
    return sorted(looked, key=lambda one: not one.is_fired)


def verdicts(record: Record, events: Sequence[Event], person: Account, viewer: Account) -> list[Verdict]:
    """Return what each event came to for the person, as the viewer may know it; reads only."""
    look = Look(events)
    receipts = list_receipts([event.id for event in events])
    failed = {event_id for (event_id, _name), one in receipts.items() if one.state != ReceiptState.DONE}
    found = []
    for telling in told.tellings(events, viewer=viewer, about=person):
        if not telling.is_empty:
            found.append(Verdict(telling))
        elif not telling.event.is_done:
            found.append(Verdict(telling, _("It is not handled yet; that takes a moment.")))
        elif telling.event.id in failed:
            found.append(
                Verdict(telling, _("Its handling failed. Technologists see why in the event journal."))
            )
        else:
            found.append(_of_nothing(telling, record, person, viewer, look))
    return found


def _of_nothing(telling: Telling, record: Record, person: Account, viewer: Account, look: Look) -> Verdict:
    """Say why nothing is written down about the person."""
    event = telling.event
    fired = subscriber.rows_that_fire(Happening(event, record))
    open_rows = [row for row in fired if viewer.is_staff or not row.staff]
    if not open_rows:
        return Verdict(telling, _("No event action fits this event."))
    if _is_meant(event, record, person, open_rows, look):
        return Verdict(telling, _("They have this message already, or what was decided is no longer kept."))
    looked = rows_that_looked(event, record) if viewer.is_staff else []
    rows = tuple(one for one in looked if one.is_fired)
    return Verdict(telling, _("The event actions that fit this event tell others."), rows)


def _is_meant(event: Event, record: Record, person: Account, rows: list[EventAction], look: Look) -> bool:
    roles = {each for row in rows for each in row.to}
    people = (one for each in roles for one in audience.people_in(each, record, event, look))
    return any(one.account_id == person.id for one in people)
