"""Makes calendars and agreements for tests, the way the program does."""

from __future__ import annotations

from webapp.core.db import db
from webapp.desk.agreements import queries, services, terms_text
from webapp.desk.agreements.models import Agreement, Deadline
from webapp.desk.records.models import Record
from webapp.people.calendars import hours_text
from webapp.people.calendars import services as calendars
from webapp.people.calendars.models import WorkingCalendar

OFFICE = "9:00-13:00, 14:00-18:00"


def make_calendar(
    name: str = "Office",
    zone: str = "Europe/Moscow",
    *,
    hours: str = OFFICE,
    country: str | None = "RU",
    days: int = 5,
) -> WorkingCalendar:
    """Make a calendar whose first days of the week are worked, and commit."""
    week = tuple(hours_text.read(hours if number < days else "") for number in range(7))
    calendar = calendars.create_calendar(calendars.Wanted(name, zone, week, country), actor=None)
    db.session.commit()
    return calendar


def rule(
    reaction: str, resolution: str, *, service: Record | None = None, priority: int | None = None
) -> services.WantedRule:
    """One rule of an agreement."""
    terms = terms_text.read(reaction), terms_text.read(resolution)
    return services.WantedRule(service.id if service else None, priority, *terms)


USUAL = (rule("2:00", "8:00"), rule("1:00", "4:00", priority=1))


def make_agreement(
    calendar: WorkingCalendar | None = None,
    name: str = "Usual",
    *,
    rules: tuple[services.WantedRule, ...] = USUAL,
    is_default: bool = True,
) -> Agreement:
    """Make an agreement and commit."""
    wanted = services.Wanted(name, calendar or make_calendar(), rules, is_default=is_default)
    agreement = services.create_agreement(wanted, actor=None)
    db.session.commit()
    return agreement


def deadline(record: Record, name: str = "resolution") -> Deadline:
    """The deadline of the record, as the database has it."""
    found = queries.get_deadline(record.id, name)
    assert found is not None
    return found
