"""The pages on which rows of the catalogue stand: event actions, and escalation rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.catalogue import RECORD_TOPICS, EventAction


@dataclass(frozen=True)
class Page:
    """One page: its blueprint's name, its title, and whether time sets its rows off."""

    name: str
    title: LazyString
    is_of_time: bool

    @cached_property
    def rows(self) -> tuple[EventAction, ...]:
        """The rows that stand on it: those of records that can be switched."""
        switchable = (row for row in catalogue.rows() if row.topic in RECORD_TOPICS and not row.fixed)
        return tuple(row for row in switchable if (row.moment is not None) is self.is_of_time)

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """What its rows are about, each once: its tabs."""
        return tuple(dict.fromkeys(row.topic for row in self.rows))

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Every role that one of its rows tells, each once."""
        return tuple(dict.fromkeys(role for row in self.rows for role in row.roles))


EVENT_ACTIONS = Page("event_actions", _l("Event actions"), is_of_time=False)
ESCALATIONS = Page("escalations", _l("Escalation"), is_of_time=True)


def page_of(row: EventAction) -> Page:
    """Return the page on which the row stands."""
    return ESCALATIONS if row.moment else EVENT_ACTIONS
