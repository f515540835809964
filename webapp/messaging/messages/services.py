"""What a person may decide about a delivery: cancel it, send it again."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, or_, update

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.job_names import JobName
from webapp.messaging.messages.models import Delivery, DeliveryState, MessageClass, Phase
from webapp.messaging.messages.outcomes import EXPIRES_AFTER

REPEATABLE: Final = frozenset(
    {
        DeliveryState.UNCERTAIN.value,
        DeliveryState.HELD.value,
        DeliveryState.REFUSED.value,
        DeliveryState.BOUNCED.value,
        DeliveryState.EXPIRED.value,
        DeliveryState.CANCELLED.value,
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


class TooLate(Exception):
    """The delivery is no longer in a state in which this can be done."""


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
    is_before_dot = or_(Delivery.phase.is_(None), Delivery.phase != Phase.DOT.value)
    _decide(
        delivery,
        Delivery.state.in_(CANCELLABLE) & is_before_dot,
        {"state": DeliveryState.CANCELLED.value, "claim_id": None, "phase": None, "decided_by_id": actor_id},
    )


def send_again(delivery: Delivery, *, actor_id: int) -> None:
    """Put a delivery that did not arrive back into the queue with three more days. Raises TooLate.

    The days of a way to sign in stay counted.
    """
    if not can_send_again(delivery):
        raise TooLate(delivery.state)
    values = {
        "state": DeliveryState.WAITING.value,
        "due_at": now(),
        "expires_at": delivery.expires_at if _is_way_to_sign_in(delivery) else now() + EXPIRES_AFTER,
        "ambiguous": 0,
        "cause": None,
        "decided_by_id": actor_id,
    }
    _decide(delivery, Delivery.state.in_(REPEATABLE), values)
    ring_on_commit(JobName.DELIVER_MAIL, delivery.connection_id)


def _decide(delivery: Delivery, is_possible: ColumnElement[bool], values: dict[str, Any]) -> None:
    decided = update(Delivery).where(Delivery.id == delivery.id, is_possible).values(**values)
    result: Any = db.session.execute(decided.execution_options(synchronize_session=False))
    if not result.rowcount:
        raise TooLate(delivery.state)
    db.session.refresh(delivery)
