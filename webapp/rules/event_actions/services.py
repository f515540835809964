"""Writes the switches, the conditions and the own texts of event actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.models import Account
from webapp.rules.event_actions import conditions, own_texts
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EventActionCondition, EventActionSwitch, EventActionText
from webapp.rules.event_actions.queries import get_switches
from webapp.rules.event_actions.wording import Wording, is_sound, original

#: One switch of the page: a row and a channel.
Switch = tuple[EventAction, Channel]


class TextConflict(Exception):
    """Somebody wrote another version meanwhile; nothing was saved."""


class UnsoundText(Exception):
    """The text names what is not there, or misses what a message needs."""


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
        _announce(
            {f"{row.code} {channel}": {"before": not is_on, "after": is_on} for row, channel in moved}, actor
        )
    return moved


def _store(code: str, channel: str, *, is_on: bool, actor: Account) -> None:
    # Two people may flip a switch that was never touched at the same moment: the later one counts.
    values = {"is_on": is_on, "changed_at": now(), "changed_by_id": actor.id}
    stored = insert(EventActionSwitch).values(code=code, channel=channel, **values)
    db.session.execute(stored.on_conflict_do_update(index_elements=["code", "channel"], set_=values))


def set_condition(row: EventAction, text: str, *, actor: Account) -> bool:
    """Let the row speak only of records for which the formula is true; of every record for an empty text.

    Returns whether anything changed; announces ``setting.changed`` then. Raises FormulaError.
    """
    wanted = text.strip()
    if wanted:
        conditions.read(row, wanted)
    before = conditions.get_conditions().text_of(row)
    if wanted == before:
        return False
    if wanted:
        db.session.merge(
            EventActionCondition(code=row.code, formula=wanted, changed_at=now(), changed_by_id=actor.id)
        )
    else:
        db.session.execute(delete(EventActionCondition).where(EventActionCondition.code == row.code))
    _announce({f"{row.code} condition": {"before": before, "after": wanted}}, actor)
    return True


def write_text(
    row: EventAction, language: str, wording: Wording, *, based_on: int, actor: Account
) -> EventActionText | None:
    """Write the next version of the row's text; the program's own words are kept as "original".

    ``based_on`` is the version that was shown, 0 for none. Returns None when nothing differs. Announces
    ``setting.changed``. Raises TextConflict and UnsoundText.
    """
    if not is_sound(wording):
        raise UnsoundText
    latest = own_texts.latest_version(row, language)
    if (latest.version if latest else 0) != based_on:
        raise TextConflict
    if wording == own_texts.wording_at(row, language, latest):
        return None
    is_original = wording == original(row, language)
    version = EventActionText(
        code=row.code, language=language, version=based_on + 1, is_original=is_original,
        written_at=now(), written_by_id=actor.id, **({} if is_original else wording.columns),
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError:
        raise TextConflict from None  # by another connection, a moment ago
    before = None if latest is None or latest.is_original else latest.version
    after = None if is_original else version.version
    _announce({f"{row.code} text {language}": {"before": before, "after": after}}, actor)
    return version


def _announce(changes: dict[str, Any], actor: Account) -> None:
    data = {"setting": "event_actions"}
    subject = Subject("setting", 0)
    announce(EventKind.SETTING_CHANGED, subject, actor_id=actor.id, changes=changes, data=data)
