"""Writes the switches of event actions."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.models import Account
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionSwitch
from webapp.rules.event_actions.queries import get_switches


def switch(rows: Iterable[EventAction], channels: Iterable[Channel], *, is_on: bool, actor: Account) -> int:
    """Turn the rows on or off for the channels; returns how many switches moved.

    Announces ``setting.changed`` once, with every switch that moved. Fixed rows stay as they are.
    """
    switches = get_switches()
    wanted = [(row, channel) for row in rows for channel in channels if channel in row.channels and not row.fixed]
    moved = [(row.code, channel.value) for row, channel in wanted if switches.is_on(row, channel) is not is_on]
    for code, channel in moved:
        _store(code, channel, is_on=is_on, actor=actor)
    if moved:
        changes = {f"{code} {channel}": {"before": not is_on, "after": is_on} for code, channel in moved}
        data = {"setting": "event_actions"}
        announce(EventKind.SETTING_CHANGED, Subject("setting", 0), actor_id=actor.id, changes=changes, data=data)
    return len(moved)


def _store(code: str, channel: str, *, is_on: bool, actor: Account) -> None:
    stored = db.session.get(EventActionSwitch, (code, channel))
    if stored is None:
        stored = EventActionSwitch(code=code, channel=channel)
        db.session.add(stored)
    stored.is_on, stored.changed_at, stored.changed_by_id = is_on, now(), actor.id
