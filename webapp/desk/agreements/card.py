"""The deadlines of a record as its card shows them: until when, what is left, how the clock stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core.clock import now
from webapp.core.locales import zone_or_utc
from webapp.desk.agreements import book, countdown, queries
from webapp.desk.agreements.keeping import deadline_attributes
from webapp.desk.agreements.models import Deadline
from webapp.desk.records.models import Record
from webapp.languages.working_time import WorkingTime

#: From this share of the term on a deadline is near.
NEAR: Final = 0.75


@dataclass(frozen=True)
class Shown:
    """One deadline on the card."""

    label: str
    due_at: datetime | None
    zone: str
    tone: str
    icon: str
    words: str
    used: float | None
    is_named: bool

    @property
    def zone_time(self) -> datetime | None:
        """When it is due by the clock of the calendar."""
        return self.due_at.astimezone(zone_or_utc(self.zone)) if self.due_at and self.zone else None


def deadlines_of(record: Record, language: str) -> list[Shown]:
    """Return the deadlines of the record in the order of its attributes."""
    attributes = deadline_attributes(record.template)
    if not attributes:
        return []
    rows = {deadline.name: deadline for deadline in queries.list_deadlines(record.id)}
    return [
        _shown(rows[name], attribute.label(language))
        for name, attribute in attributes.items()
        if name in rows and not rows[name].is_withdrawn
    ]


def _shown(deadline: Deadline, label: str) -> Shown:
    known = book.get()
    working_time = known.working_time(deadline.calendar_id)
    definition = known.calendars.get(deadline.calendar_id or 0)
    tone, icon, words = _state(deadline, working_time)
    return Shown(
        label=label,
        due_at=deadline.due_at,
        zone=definition.time_zone if definition and deadline.term_s is not None else "",
        tone=tone,
        icon=icon,
        words=words,
        used=_used(deadline, working_time),
        is_named=deadline.is_named and deadline.term_s is not None,
    )


def _state(deadline: Deadline, working_time: WorkingTime) -> tuple[str, str, str]:
    if deadline.met_at is not None:
        if deadline.is_late:
            return "warning", "alert", _("done late")
        return "success", "check", _("done in time")
    left = countdown.left(deadline, working_time, now())
    if deadline.paused_at is not None and not deadline.is_named:
        words = (
            _("the clock stands, left: %(time)s")
            if left >= timedelta()
            else _("the clock stands, late by %(time)s")
        )
        return "neutral", "pause", words % {"time": in_words(abs(left))}
    if deadline.due_at is None:
        return "neutral", "info", _("not within ten years")
    if deadline.due_at < now():
        return "danger", "alert", _("late by %(time)s", time=in_words(abs(left)))
    used = _used(deadline, working_time)
    is_near = used is not None and used >= NEAR
    return "warning" if is_near else "info", "clock", _("left: %(time)s", time=in_words(left))


def _used(deadline: Deadline, working_time: WorkingTime) -> float | None:
    """Return which share of the term is used up, None where there is no more to count."""
    whole = countdown.whole_term(deadline, working_time)
    if deadline.met_at is not None or not whole:
        return None
    left = countdown.left(deadline, working_time, now())
    return min(max(1 - left / whole, 0.0), 1.0)


def in_words(span: timedelta) -> str:
    """Return hours and minutes of working time, which has no days."""
    minutes = int(span.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(num)d h", "%(num)d h", hours))
    if rest or not hours:
        parts.append(ngettext("%(num)d min", "%(num)d min", rest))
    return " ".join(parts)
