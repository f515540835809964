"""Reads working calendars."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.core.db import db
from webapp.people.accounts.models import sort_key_of
from webapp.people.calendars.definition import Definition, as_minutes, as_week
from webapp.people.calendars.models import WorkingCalendar


def get_calendar(calendar_id: int) -> WorkingCalendar | None:
    """Return the calendar."""
    return db.session.get(WorkingCalendar, calendar_id)


def get_calendar_by_name(name: str) -> WorkingCalendar | None:
    """Return the calendar with this name, however it is written in capitals and small letters."""
    return db.session.scalar(select(WorkingCalendar).where(WorkingCalendar.name_key == sort_key_of(name)))


def list_calendars() -> list[WorkingCalendar]:
    """Return all calendars by name, with their exceptions."""
    query = select(WorkingCalendar).options(selectinload(WorkingCalendar.exceptions))
    return list(db.session.scalars(query.order_by(WorkingCalendar.name_key)))


def list_definitions() -> dict[int, Definition]:
    """Return what every calendar says, by its number."""
    return {calendar.id: definition_of(calendar) for calendar in list_calendars()}


def definition_of(calendar: WorkingCalendar) -> Definition:
    """Return what the calendar says."""
    return Definition(
        time_zone=calendar.time_zone,
        week=as_week(calendar.week),
        country=calendar.country,
        part=calendar.subdivision,
        exceptions=tuple((each.day, as_minutes(each.hours)) for each in calendar.exceptions),
    )
