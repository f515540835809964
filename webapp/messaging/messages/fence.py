"""What only the holder of a claim may write about its deliveries; whoever lost it writes nothing.

The statements are made once and run on the session's connection: each message on its way costs several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Executable, bindparam, exists, literal_column, select, update

from webapp.core import clock
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Claim, Delivery, DeliveryState, Phase

_OURS: Final = (
    Delivery.id == bindparam("delivery"),
    Delivery.claim_id == bindparam("claim"),
    Delivery.state == literal_column("'sending'"),
)
_SENT: Final = (
    update(Delivery)
    .where(*_OURS)
    .values(
        state=DeliveryState.SENT.value, phase=None, claim_id=None, cause=None, reply=bindparam("said"),
        attempts=bindparam("tries"), sent_at=bindparam("at"),
    )
)  # fmt: skip


def pass_dot(batch: Batch, delivery_ids: Sequence[int], sha256: str) -> bool:
    """Write that the end of a mail is about to be sent to these recipients; False when it must not be.

    It must not when one of them is no longer ours (the lease is over, somebody cancelled), or when the
    connection was changed. The caller commits before it sends the dot, and does not send it after False.
    """
    statement = _dot_statement(is_frozen=clock.is_frozen())
    values = {
        "claim": batch.claim_id, "connection": batch.connection_id,
        "version": batch.version, "sha256": sha256,
    }  # fmt: skip
    return all(_changed(statement, values | {"delivery": number}) for number in delivery_ids)


def holds(batch: Batch) -> bool:
    """Whether the lease lives and the connection is as it was when the batch was taken."""
    lives = exists().where(Claim.id == batch.claim_id, Claim.lease_until > sql_now())
    is_unchanged = _unchanged(batch.connection_id, batch.version)
    return bool(db.session.scalar(select(exists().where(*is_unchanged, lives))))


def unpass_dot(batch: Batch, delivery_ids: Sequence[int]) -> None:
    """Take back the word about a dot that was never sent. The caller commits."""
    for number in delivery_ids:
        settle(batch, number, {"claim_id": batch.claim_id, "phase": Phase.CLAIMED.value})


def mark_started(batch: Batch, delivery_ids: Sequence[int]) -> None:
    """Write that deliveries with which a worker died are tried again. The caller commits."""
    for number in delivery_ids:
        settle(batch, number, {"claim_id": batch.claim_id, "phase": Phase.STARTED.value})


def settle_sent(batch: Batch, delivery_id: int, tries: int, reply: str | None) -> bool:
    """Write that the server took it; False, and nothing written, when it is no longer ours."""
    values = {"delivery": delivery_id, "claim": batch.claim_id, "tries": tries, "said": reply, "at": now()}
    return _changed(_SENT, values)


def settle(batch: Batch, delivery_id: int, values: Mapping[str, Any]) -> bool:
    """Write what became of a delivery; False, and nothing written, when it is no longer ours."""
    written = {"claim_id": None, "phase": None} | dict(values)
    ours = {"delivery": delivery_id, "claim": batch.claim_id}
    return _changed(update(Delivery).where(*_OURS).values(**written), ours)


@lru_cache(maxsize=2)
def _dot_statement(*, is_frozen: bool) -> Executable:  # noqa: ARG001 - a frozen clock makes another statement
    lives = exists().where(Claim.id == bindparam("claim"), Claim.lease_until > sql_now())
    is_unchanged = exists().where(*_unchanged(bindparam("connection"), bindparam("version")))
    values = {"phase": Phase.DOT.value, "raw_sha256": bindparam("sha256")}
    return update(Delivery).where(*_OURS, lives, is_unchanged).values(**values)


def _unchanged(connection: Any, version: Any) -> tuple[Any, ...]:  # noqa: ANN401 - values or places
    return (
        MailConnection.id == connection,
        MailConnection.version == version,
        MailConnection.is_enabled,
        ~MailConnection.is_deleted,
    )


def _changed(statement: Executable, values: Mapping[str, Any]) -> bool:
    return bool(db.session.connection().execute(statement, values).rowcount)
