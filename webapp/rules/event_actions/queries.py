"""Reads the switches of event actions and how often each row fired."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages.models import Message
from webapp.messaging.messages.orders import Channel
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionSwitch

DAYS_COUNTED = 7


class Switches:
    """Every switch that was ever touched; the others are on."""

    def __init__(self, touched: dict[tuple[str, str], bool]) -> None:
        self._touched = touched

    def is_on(self, row: EventAction, channel: Channel) -> bool:
        """Whether the row tells people by the channel."""
        return row.fixed or self._touched.get((row.code, channel.value), True)


def get_switches() -> Switches:
    """Return the present state of all switches, in one query."""
    stored = db.session.execute(select(EventActionSwitch.code, EventActionSwitch.channel, EventActionSwitch.is_on))
    return Switches({(code, channel): is_on for code, channel, is_on in stored})


def count_fired_by_day() -> dict[str, list[int]]:
    """Return for each row that fired how many messages it made on each of the last 7 days, oldest first."""
    today = now().date()
    first_day = today - timedelta(days=DAYS_COUNTED - 1)
    day = func.date(Message.created_at)
    counted = (
        select(Message.rule_code, day, func.count())
        .where(Message.created_at >= now() - timedelta(days=DAYS_COUNTED), Message.rule_code != "")
        .group_by(Message.rule_code, day)
    )
    fired: dict[str, list[int]] = {}
    for code, on_day, times in db.session.execute(counted):
        days = fired.setdefault(code, [0] * DAYS_COUNTED)
        for place in range(DAYS_COUNTED):
            if str(on_day) == (first_day + timedelta(days=place)).isoformat():
                days[place] += times
    return fired
