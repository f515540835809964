"""Turns silent mode on and off, by a person or by itself when the database is opened elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Update, case, func, or_, update

from webapp.core import config
from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.core.row_changes import change_rows
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.messaging.mail_connections.services import interrupt_senders
from webapp.messaging.messages import silencing
from webapp.messaging.silence import home
from webapp.messaging.silence.models import THE_ONLY_ROW, Reason, SilentMode
from webapp.messaging.silence.queries import get_silent_mode, present
from webapp.people.accounts.models import Account

SETTING: Final = Subject("setting", 2)
ON: Final = {"silent_mode": {"before": False, "after": True}}
OFF: Final = {"silent_mode": {"before": True, "after": False}}


def look() -> bool:
    """Turn silent mode on when the database is opened elsewhere than where it is at home.

    Says whether it is on. Announces ``setting.changed``. The caller commits.
    """
    row = _sure_row()
    if home.is_elsewhere(row.home):
        if row.reason == Reason.ELSEWHERE:
            return True
        opened_at = home.here() or f"127.0.0.1:{config.current().port}"
        _begin(Reason.ELSEWHERE, home=home.made_for(row.home), opened_at=opened_at)
        return True
    if row.home is None and home.here() is not None:
        change_rows(_the_row().where(SilentMode.home.is_(None)).values(home=home.here()))
    return row.since is not None


def turn_on(note: str, *, actor: Account) -> bool:
    """Let nothing leave from now on; says whether it did until now. The caller commits.

    Announces ``setting.changed``.
    """
    _sure_row()
    return _begin(Reason.ASKED, actor, note=note, by_id=actor.id)


def turn_off(*, actor: Account) -> bool:
    """Let new messages leave, and the database be at home where it is opened; says whether they did not.

    What was suppressed stays so. Announces ``setting.changed``. The caller commits.
    """
    _sure_row()
    if not present().is_on:
        return False
    ended = {"since": None, "reason": None, "note": "", "by_id": None, "opened_at": None}
    change_rows(_the_row().values(**ended, home=home.here()))
    _announce(OFF, actor)
    return True


def change_exceptions(entries: Sequence[str], *, actor: Account) -> bool:
    """Store to whom mail goes even in silent mode; says whether that is another list than before.

    Announces ``setting.changed``. The caller commits.
    """
    before = _sure_row().exceptions
    if list(entries) == before:
        return False
    change_rows(_the_row().values(exceptions=list(entries)))
    interrupt_senders()
    _announce({"silent_exceptions": {"before": before, "after": list(entries)}}, actor)
    return True


def _begin(reason: Reason, actor: Account | None = None, **values: Any) -> bool:  # noqa: ANN401 - columns
    """Turn it on, or add that it is opened elsewhere; False when that is known already."""
    is_off = SilentMode.since.is_(None)
    is_news = or_(is_off, SilentMode.reason != reason.value) if reason is Reason.ELSEWHERE else is_off
    since = func.coalesce(SilentMode.since, now())
    first_id = case((is_off, silencing.first_open_id()), else_=SilentMode.first_id)
    begun = _the_row().where(is_news).values(since=since, first_id=first_id, reason=reason.value, **values)
    if not change_rows(begun):
        return False
    interrupt_senders()
    told = {"silent_note": {"before": "", "after": values["note"]}} if "note" in values else {}
    _announce(ON | told, actor, {name: values[name] for name in ("home", "opened_at") if values.get(name)})
    return True


def _announce(changes: dict[str, Any], actor: Account | None, data: dict[str, Any] | None = None) -> None:
    announce(
        EventKind.SETTING_CHANGED,
        SETTING,
        actor_id=actor.id if actor else None,
        changes=changes,
        data={"setting": "silent_mode", **(data or {})},
    )


def _sure_row() -> SilentMode:
    row = get_silent_mode()
    if row is None:
        db.session.execute(
            insert(SilentMode)
            .values(id=THE_ONLY_ROW, note="", first_id=0, exceptions=[])
            .on_conflict_do_nothing()
        )
        row = get_silent_mode()
        assert row is not None  # noqa: S101 - it was written by us or by somebody else
    return row


def _the_row() -> Update:
    return update(SilentMode).where(SilentMode.id == THE_ONLY_ROW)
