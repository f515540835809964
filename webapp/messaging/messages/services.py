"""What a person may decide about a delivery, or about many: cancel it, send it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.core.row_changes import change_rows
from webapp.job_names import JobName
from webapp.messaging.messages.models import Delivery, DeliveryState, Message, MessageClass, Phase
from webapp.messaging.messages.outcomes import EXPIRES_AFTER
from webapp.messaging.silence.queries import present

REPEATABLE: Final = frozenset(
    {
        DeliveryState.UNCERTAIN.value,
        DeliveryState.HELD.value,
        DeliveryState.REFUSED.value,
        DeliveryState.BOUNCED.value,
        DeliveryState.EXPIRED.value,
        DeliveryState.CANCELLED.value,
        DeliveryState.SUPPRESSED.value,
    }
)
CANCELLABLE: Final = frozenset(
    {
        DeliveryState.WAITING.value,
        DeliveryState.SENDING.value,
        DeliveryState.HELD.value,
        DeliveryState.UNCERTAIN.value,
    }
)
#: What can be laid aside in a group: also what ended unsent, so that nobody has to look at it again.
SKIPPABLE: Final = CANCELLABLE | {
    DeliveryState.REFUSED.value,
    DeliveryState.BOUNCED.value,
    DeliveryState.EXPIRED.value,
}

_IS_BEFORE_DOT: Final = or_(Delivery.phase.is_(None), Delivery.phase != Phase.DOT.value)
_IS_WAY_TO_SIGN_IN: Final = exists().where(
    Message.id == Delivery.message_id, Message.message_class == MessageClass.SIGN_IN.value
)


class TooLate(Exception):
    """The delivery is no longer in a state in which this can be done."""


class KeptSilent(Exception):
    """The delivery would be suppressed again: silent mode is on, and its address is not on the list."""


def can_send_again(delivery: Delivery) -> bool:
    """Whether a person may send it again: it ended unsent, and its text is still of use."""
    return delivery.state in REPEATABLE and not has_dead_link(delivery)


def has_dead_link(delivery: Delivery) -> bool:
    """Whether it holds a way to sign in that has run out."""
    return _is_way_to_sign_in(delivery) and delivery.expires_at <= now()


def _is_way_to_sign_in(delivery: Delivery) -> bool:
    message = delivery.message
    return message is not None and message.message_class == MessageClass.SIGN_IN.value


def cancel(delivery: Delivery, *, actor_id: int) -> None:
    """Cancel a delivery; after this no further copy is taken by the server. Raises TooLate."""
    _decide(delivery, Delivery.state.in_(CANCELLABLE) & _IS_BEFORE_DOT, _cancelled(actor_id))


def cancel_all(ids: Sequence[int], state: str, *, actor_id: int) -> int:
    """Cancel those of the deliveries that are in the state still; returns how many that were.

    What waited may be on its way by now: it is cancelled too, unless it is past its dot.
    """
    states = {state, DeliveryState.SENDING.value} if state == DeliveryState.WAITING else {state}
    possible = and_(Delivery.state.in_(sorted(states & SKIPPABLE)), _IS_BEFORE_DOT)
    return _decide_all(ids, possible, _cancelled(actor_id))


def send_again(delivery: Delivery, *, actor_id: int) -> None:
    """Put a delivery that did not arrive back into the queue with three more days.

    The days of a way to sign in stay counted. Raises TooLate and KeptSilent.
    """
    if not can_send_again(delivery):
        raise TooLate(delivery.state)
    if present().keeps_back(delivery.address):
        raise KeptSilent(delivery.address)
    expires_at = delivery.expires_at if _is_way_to_sign_in(delivery) else now() + EXPIRES_AFTER
    _decide(delivery, Delivery.state.in_(REPEATABLE), _waiting_again(actor_id, expires_at))
    ring_on_commit(JobName.DELIVER_MAIL, delivery.connection_id)


def send_all_again(ids: Sequence[int], state: str, *, may_repeat: bool, actor_id: int) -> int:
    """Put those of the deliveries that are in the state still back into the queue; returns their number.

    Ways to sign in that have run out are left alone, what silent mode would suppress again, and unless
    ``may_repeat`` also whatever may have arrived already. The caller rings.
    """
    is_of_use = or_(Delivery.expires_at > now(), ~_IS_WAY_TO_SIGN_IN)
    possible = and_(Delivery.state.in_(sorted({state} & REPEATABLE)), is_of_use)
    if not may_repeat:
        possible = and_(possible, Delivery.state != DeliveryState.UNCERTAIN.value, Delivery.ambiguous == 0)
    expires_at = case((_IS_WAY_TO_SIGN_IN, Delivery.expires_at), else_=now() + EXPIRES_AFTER)
    return _decide_all(_not_kept_silent(ids), possible, _waiting_again(actor_id, expires_at))


def _cancelled(actor_id: int) -> dict[str, Any]:
    state = DeliveryState.CANCELLED.value
    return {"state": state, "claim_id": None, "phase": None, "decided_by_id": actor_id}


def _waiting_again(actor_id: int, expires_at: Any) -> dict[str, Any]:  # noqa: ANN401 - a moment, or SQL for one
    return {
        "state": DeliveryState.WAITING.value,
        "due_at": now(),
        "expires_at": expires_at,
        "attempts": 0,
        "ambiguous": 0,
        "cause": None,
        "decided_by_id": actor_id,
    }


def _not_kept_silent(ids: Sequence[int]) -> Sequence[int]:
    silence = present()
    if not silence.is_on:
        return ids
    rows = db.session.execute(select(Delivery.id, Delivery.address).where(Delivery.id.in_(ids)))
    return [row.id for row in rows if not silence.keeps_back(row.address)]


def _decide(delivery: Delivery, is_possible: ColumnElement[bool], values: dict[str, Any]) -> None:
    decided = update(Delivery).where(Delivery.id == delivery.id, is_possible).values(**values)
    if not change_rows(decided):
        raise TooLate(delivery.state)
    db.session.refresh(delivery)


def _decide_all(ids: Sequence[int], possible: ColumnElement[bool], values: dict[str, Any]) -> int:
    if not ids:
        return 0
    return change_rows(update(Delivery).where(Delivery.id.in_(ids), possible).values(**values))
