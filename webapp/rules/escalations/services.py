"""Sets when escalation rules fire."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from webapp.core.clock import now
from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.people.accounts.models import Account
from webapp.rules.escalations import rearming
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.models import EscalationMoment
from webapp.rules.event_actions.moments import Moment, Unit, as_text, get_moments


def set_moment(row: EventAction, amount: int, unit: Unit, times: int = 1, *, actor: Account) -> bool:
    """Let the rule fire so much before or after its deadline, or after so long in its status.

    Returns whether anything changed; announces ``setting.changed`` then, and open records follow in the
    background. Raises ValueError for what is outside the limits.
    """
    if row.moment is None:
        raise ValueError(f"{row.code} is no escalation rule")
    before, after = get_moments().of(row.code, row.moment), row.moment.moved(amount, unit, times)
    if before == after:
        return False
    if after == row.moment:
        db.session.execute(delete(EscalationMoment).where(EscalationMoment.code == row.code))
    else:
        _store(row.code, after, actor)
    _announce(row.code, before, after, actor)
    rearming.start(actor)
    return True


def reset_moment(row: EventAction, *, actor: Account) -> bool:
    """Let the rule fire as it did originally; what comes of it is that of ``set_moment``."""
    if row.moment is None:
        raise ValueError(f"{row.code} is no escalation rule")
    original = row.moment
    return set_moment(row, original.amount, original.unit, original.times, actor=actor)


def _store(code: str, moment: Moment, actor: Account) -> None:
    # Two people may set a rule that was never set at the same moment: the later one counts.
    values: dict[str, Any] = {"amount": moment.amount, "unit": moment.unit.value, "times": moment.times}
    values |= {"changed_at": now(), "changed_by_id": actor.id}
    stored = insert(EscalationMoment).values(code=code, **values)
    db.session.execute(stored.on_conflict_do_update(index_elements=["code"], set_=values))


def _announce(code: str, before: Moment, after: Moment, actor: Account) -> None:
    announce(
        EventKind.SETTING_CHANGED,
        Subject("setting", 0),
        actor_id=actor.id,
        changes={f"{code} moment": {"before": as_text(before), "after": as_text(after)}},
        data={"setting": "event_actions"},
    )
