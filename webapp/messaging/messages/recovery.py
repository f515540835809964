"""What dead senders left behind, and what waited too long: found and set right by anybody who looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import case, delete, exists, select, update

from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.core.row_changes import change_rows
from webapp.mail.transports.base import Problem, Step, Verdict
from webapp.messaging.mail_connections import condition
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.queries import get_default, list_deleted, list_mended
from webapp.messaging.messages import outcomes, silencing
from webapp.messaging.messages.classes import RULES
from webapp.messaging.messages.models import Attempt, Claim, Delivery, DeliveryState, Phase
from webapp.messaging.messages.outcomes import Cause, Tried
from webapp.messaging.messages.state_words import SENDING, WAITING

#: So many rows are rewritten at once: on SQLite everybody else waits meanwhile.
BATCH: Final = 1000
_SETTINGS_AT_FAULT: Final = (
    Problem.RELAY_DENIED.value,
    Problem.SENDER_REFUSED.value,
    Problem.SIGN_IN_REQUIRED.value,
    Problem.BASIC_SIGN_IN_DISABLED.value,
)


def recover() -> bool:
    """Do all of the below. Returns whether there may be more of it. The caller commits."""
    recover_expired_claims()
    done = (
        silencing.suppress_waiting(),
        bring_forward_what_was_mended(),
        expire_deliveries(),
        move_from_deleted_connections(),
    )
    return max(done) >= BATCH


def recover_expired_claims() -> int:
    """Take back deliveries whose sender lost its lease: they wait again, after the dot as ambiguous.

    Returns how many there were.
    """
    change_rows(delete(Claim).where(Claim.lease_until <= sql_now()))
    orphans = _list_orphans()
    for delivery in orphans:
        _take_back(delivery)
    return len(orphans)


def settle_late(claim_id: int, delivery_id: int, values: dict[str, Any]) -> bool:
    """Write what the server answered to a sender that was taken for dead after its dot. The caller commits.

    It is one lost answer less; the try itself has been counted. False, and nothing written, when the delivery
    was not taken back from this claim, when a later copy is on its way, or when a person has decided.
    """
    taken_back = (
        Attempt.delivery_id == delivery_id,
        Attempt.claim_id == claim_id,
        Attempt.problem == Cause.WORKER_DIED.value,
    )
    is_before_dot = (Delivery.state == DeliveryState.SENDING.value) & (Delivery.phase != Phase.DOT.value)
    is_open = Delivery.state.in_((DeliveryState.WAITING.value, DeliveryState.UNCERTAIN.value)) | is_before_dot
    settled = update(Delivery).where(Delivery.id == delivery_id, is_open, exists().where(*taken_back))
    known = {"claim_id": None, "phase": None, "ambiguous": Delivery.ambiguous - 1}
    if not change_rows(settled.values(**known | values)):
        return False
    change_rows(delete(Attempt).where(*taken_back))
    return True


def expire_deliveries() -> int:
    """Give up what could not be sent in time, and keep why. Returns how many there were, at most BATCH.

    One of which a server may have a copy becomes uncertain: to call it unsent would invite a second one.
    """
    over = select(Delivery.id, Delivery.connection_id).where(
        Delivery.state == WAITING, Delivery.expires_at <= now()
    )
    rows = db.session.execute(over.order_by(Delivery.expires_at).limit(BATCH)).all()
    for connection_id in {row.connection_id for row in rows}:
        reason = condition.waiting_reason(db.session.get(MailConnection, connection_id))
        ids = [row.id for row in rows if row.connection_id == connection_id]
        _update_waiting(ids, _values_when_over(reason.value if reason else None))
    return len(rows)


def move_from_deleted_connections() -> int:
    """Let what waits for a deleted connection leave through the default one.

    One that a server may already have stays: from another server it would be another mail. Returns how many
    there were, at most BATCH.
    """
    deleted, heir = list_deleted(), get_default()
    if heir is None or not deleted:
        return 0
    orphans = select(Delivery.id).where(
        Delivery.connection_id.in_(deleted), Delivery.state == WAITING, Delivery.ambiguous == 0
    )
    ids = db.session.scalars(orphans.limit(BATCH)).all()
    _update_waiting(ids, {"connection_id": heir.id})
    return len(ids)


def _update_waiting(ids: Sequence[int], values: dict[str, Any]) -> None:
    if ids:
        change_rows(update(Delivery).where(Delivery.id.in_(ids), Delivery.state == WAITING).values(**values))


def bring_forward_what_was_mended() -> int:
    """Let what was refused for the settings' sake be tried at once, when they have been changed.

    Returns how many there were, at most BATCH.
    """
    mended = list_mended()
    if not mended:
        return 0
    postponed = select(Delivery.id).where(
        Delivery.connection_id.in_(mended),
        Delivery.state == WAITING,
        Delivery.due_at > now(),
        Delivery.cause.in_(_SETTINGS_AT_FAULT),
    )
    ids = db.session.scalars(postponed.limit(BATCH)).all()
    _update_waiting(ids, {"due_at": now()})
    return len(ids)


def _values_when_over(reason: str | None) -> dict[str, Any]:
    may_have_arrived = Delivery.ambiguous > 0
    state = case(
        (may_have_arrived, DeliveryState.UNCERTAIN.value),
        else_=DeliveryState.EXPIRED.value,
    )
    cause = reason or case((may_have_arrived, Cause.TIME_RAN_OUT.value), else_=Delivery.cause)
    return {"state": state, "cause": cause}


def _list_orphans() -> Sequence[Delivery]:
    has_claim = exists().where(Claim.id == Delivery.claim_id)
    orphans = select(Delivery).where(Delivery.state == SENDING, ~has_claim)
    # The lock makes a late sender wait and then find that the delivery is no longer its own. What is locked
    # already is passed over: after a wait it may be in the hands of a claim that this look does not see.
    locked = orphans.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalars(locked.order_by(Delivery.id)).all()


def _take_back(delivery: Delivery) -> None:
    claim_id, phase = delivery.claim_id, delivery.phase
    delivery.state = DeliveryState.WAITING.value
    delivery.claim_id = delivery.phase = None
    _note_death(delivery, claim_id, phase)
    if phase == Phase.DOT.value:
        delivery.attempts += 1
        rule = outcomes.rule_of(db.session.get_one(MailConnection, delivery.connection_id))
        delivery.due_at = now() + outcomes.retry_delay(delivery.attempts, pause_s=rule.pause_s)
        most_copies = RULES[delivery.message.message_class].most_copies
        lost = outcomes.after_lost_answer(delivery.ambiguous, most_copies)
        for name, value in (lost | outcomes.after_last_attempt(delivery.attempts, 1, rule)).items():
            setattr(delivery, name, value)


def _note_death(delivery: Delivery, claim_id: int | None, phase: str | None) -> None:
    """Remember with whom a sender died: a message that kills its sender each time must not do so for ever."""
    cause = Cause.WORKER_DIED.value
    delivery.cause = cause
    if phase == Phase.CLAIMED.value:
        return  # perhaps it was never touched
    if (
        phase == Phase.STARTED.value
        and outcomes.count_failures(delivery.id, cause) + 1 >= outcomes.MOST_FAILURES
    ):
        delivery.state = DeliveryState.HELD.value
    is_dot = phase == Phase.DOT.value
    tried = Tried(
        step=(Step.DOT if is_dot else Step.BODY).value,
        verdict=(Verdict.AMBIGUOUS if is_dot else Verdict.LATER).value,
        problem=cause,
    )
    outcomes.note_attempts(claim_id, {delivery.id: tried})
