"""What only the holder of a claim may write about its deliveries; whoever lost it writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, exists, select, update

from webapp.core.clock import sql_now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Claim, Delivery, Phase
from webapp.messaging.messages.state_words import SENDING

_OURS: Final = (
    Delivery.id == bindparam("delivery"),
    Delivery.claim_id == bindparam("claim"),
    Delivery.state == SENDING,
)


def holds(batch: Batch) -> bool:
    """Whether the lease lives and the connection is as it was when the batch was taken."""
    lives = exists().where(Claim.id == batch.claim_id, Claim.lease_until > sql_now())
    is_unchanged = unchanged(batch.connection_id, batch.version)
    return bool(db.session.scalar(select(exists().where(*is_unchanged, lives))))


def unpass_dot(batch: Batch, delivery_ids: Sequence[int]) -> None:
    """Take back the word about a dot that was never sent. The caller commits."""
    for number in delivery_ids:
        settle(batch, number, {"claim_id": batch.claim_id, "phase": Phase.CLAIMED.value})


def mark_started(batch: Batch, delivery_ids: Sequence[int]) -> None:
    """Write that deliveries with which a worker died are tried again. The caller commits."""
    for number in delivery_ids:
        settle(batch, number, {"claim_id": batch.claim_id, "phase": Phase.STARTED.value})


def settle(batch: Batch, delivery_id: int, values: Mapping[str, Any]) -> bool:
    """Write what became of a delivery; False, and nothing written, when it is no longer ours."""
    written = {"claim_id": None, "phase": None} | dict(values)
    ours = {"delivery": delivery_id, "claim": batch.claim_id}
    statement = update(Delivery).where(*_OURS).values(**written)
    return bool(db.session.connection().execute(statement, ours).rowcount)


def unchanged(connection: Any, version: Any) -> tuple[Any, ...]:  # noqa: ANN401 - values or places
    """Return what holds for a connection that is as it was, and whose mail may leave."""
    return (
        MailConnection.id == connection,
        MailConnection.version == version,
        MailConnection.is_enabled,
        ~MailConnection.is_deleted,
    )
