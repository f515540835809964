"""Making, changing and deleting working calendars. Each service announces ``setting.changed``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.people.accounts.models import Account, sort_key_of
from webapp.people.calendars import hours_text, queries, users
from webapp.people.calendars.day_names import WEEKDAYS
from webapp.people.calendars.definition import Definition, Week, working_time
from webapp.people.calendars.hours_text import Minutes
from webapp.people.calendars.models import CalendarException, WorkingCalendar, new_stamp

SUBJECT = "calendar"


class NameTaken(Exception):
    """Another calendar has this name."""


class NeverWorks(Exception):
    """By this calendar nobody would work in the next ten years."""


class DayTaken(Exception):
    """The calendar has an exception for this day already."""


class InUse(Exception):
    """Something uses the calendar."""


@dataclass(frozen=True)
class Wanted:
    """A calendar as somebody wants it."""

    name: str
    time_zone: str
    week: Week
    country: str | None = None
    part: str | None = None


def create_calendar(wanted: Wanted, *, actor: Account | None) -> WorkingCalendar:
    """Make a calendar. Raises NameTaken and NeverWorks."""
    _refuse_taken(wanted.name, None)
    calendar = WorkingCalendar(
        name="", name_key="", time_zone="", week=[], country=None, subdivision=None, stamp=new_stamp()
    )
    before = _as_words(calendar)
    _fill(calendar, wanted)
    _refuse_idle(calendar)
    db.session.add(calendar)
    db.session.flush()
    _announce(calendar.id, before, _as_words(calendar), actor)
    return calendar


def change_calendar(calendar: WorkingCalendar, wanted: Wanted, *, actor: Account | None) -> bool:
    """Change what the calendar says; whether anything changed. Raises NameTaken and NeverWorks."""
    _refuse_taken(wanted.name, calendar)
    before, definition = _as_words(calendar), queries.definition_of(calendar)
    _fill(calendar, wanted)
    after = _as_words(calendar)
    if before == after:
        return False
    _refuse_idle(calendar)
    _announce(calendar.id, before, after, actor)
    if queries.definition_of(calendar) != definition:
        _tell(calendar, actor)
    return True


def add_exception(
    calendar: WorkingCalendar, day: date, name: str, hours: Minutes, *, actor: Account | None
) -> None:
    """Give one day hours of its own; none make it a day off. Raises DayTaken and NeverWorks."""
    if any(each.day == day for each in calendar.exceptions):
        raise DayTaken
    calendar.exceptions.append(CalendarException(day=day, name=name, hours=_as_json(hours)))
    _refuse_idle(calendar)
    _announce(calendar.id, {}, {"exception": _exception_words(day, name, hours)}, actor)
    _tell(calendar, actor)


def remove_exception(
    calendar: WorkingCalendar, exception: CalendarException, *, actor: Account | None
) -> None:
    """Let the day be as its weekday and the holidays say. Raises NeverWorks."""
    hours = tuple((start, end) for start, end in exception.hours)
    words = _exception_words(exception.day, exception.name, hours)
    calendar.exceptions.remove(exception)
    _refuse_idle(calendar)
    _announce(calendar.id, {"exception": words}, {}, actor)
    _tell(calendar, actor)


def delete_calendar(calendar: WorkingCalendar, *, actor: Account | None) -> None:
    """Delete a calendar that nothing uses. Raises InUse."""
    if users.uses_of(calendar.id):
        raise InUse
    _announce(calendar.id, _as_words(calendar), {}, actor)
    db.session.delete(calendar)
    db.session.flush()


def refuse_idle(definition: Definition) -> None:
    """Raises NeverWorks for a calendar by which no term would ever end."""
    if not any(definition.week) or not working_time(definition).is_ever_worked(now()):
        raise NeverWorks


def _fill(calendar: WorkingCalendar, wanted: Wanted) -> None:
    calendar.name, calendar.name_key = wanted.name, sort_key_of(wanted.name)
    calendar.time_zone, calendar.country, calendar.subdivision = (
        wanted.time_zone,
        wanted.country,
        wanted.part,
    )
    calendar.week = [_as_json(day) for day in wanted.week]


def _refuse_idle(calendar: WorkingCalendar) -> None:
    refuse_idle(queries.definition_of(calendar))


def _refuse_taken(name: str, calendar: WorkingCalendar | None) -> None:
    with db.session.no_autoflush:
        other = queries.get_calendar_by_name(name)
    if other is not None and other is not calendar:
        raise NameTaken


def _tell(calendar: WorkingCalendar, actor: Account | None) -> None:
    calendar.stamp = new_stamp()
    db.session.flush()
    users.tell_of_change(actor)


def _announce(
    calendar_id: int, before: dict[str, str | None], after: dict[str, str | None], actor: Account | None
) -> None:
    names = dict.fromkeys([*before, *after])
    changes: dict[str, Any] = {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    }
    announce(
        EventKind.SETTING_CHANGED,
        Subject(SUBJECT, calendar_id),
        actor_id=actor.id if actor else None,
        changes=changes,
        data={"setting": "calendars"},
    )


def _as_words(calendar: WorkingCalendar) -> dict[str, str | None]:
    week = {name: hours_text.write(hours) for name, hours in zip(WEEKDAYS, calendar.week or [], strict=False)}
    others = {"country": calendar.country, "subdivision": calendar.subdivision}
    return {"name": calendar.name or None, "time_zone": calendar.time_zone or None, **week, **others}


def _exception_words(day: date, name: str, hours: Minutes) -> str:
    return " ".join(filter(None, (day.isoformat(), name, hours_text.write(hours))))


def _as_json(hours: Minutes) -> list[list[int]]:
    return [list(stretch) for stretch in hours]
