"""Writes the switches of event actions."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.models import Account
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionSwitch
from webapp.rules.event_actions.queries import get_switches

#: One switch of the page: a row and a channel.
Switch = tuple[EventAction, Channel]


def switch(wanted: Iterable[Switch], *, is_on: bool, actor: Account) -> list[Switch]:
    """Turn the switches on or off; returns those that moved.

    Announces ``setting.changed`` once, with every switch that moved. Fixed rows stay as they are.
    """
    switches = get_switches()
    movable = [(row, channel) for row, channel in wanted if channel in row.channels and not row.fixed]
    moved = [(row, channel) for row, channel in movable if switches.is_on(row, channel) is not is_on]
    for row, channel in moved:
        _store(row.code, channel.value, is_on=is_on, actor=actor)
    if moved:
        changes = {f"{row.code} {channel}": {"before": not is_on, "after": is_on} for row, channel in moved}
        data = {"setting": "event_actions"}
        announce(
            EventKind.SETTING_CHANGED, Subject("setting", 0), actor_id=actor.id, changes=changes, data=data
        )
    return moved


def _store(code: str, channel: str, *, is_on: bool, actor: Account) -> None:
    # Two people may flip a switch that was never touched at the same moment: the later one counts.
    values = {"is_on": is_on, "changed_at": now(), "changed_by_id": actor.id}
    stored = insert(EventActionSwitch).values(code=code, channel=channel, **values)
    db.session.execute(stored.on_conflict_do_update(index_elements=["code", "channel"], set_=values))
