"""What only the holder of a claim may write about its deliveries; whoever lost it writes nothing.

The statements are made once and run on the session's connection: each message on its way costs several.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, bindparam, exists, literal_column, select, update

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


def pass_dots(batch: Batch, sha256: Mapping[int, str]) -> set[int]:
    """Write that the ends of mails are about to be sent, by delivery; returns those of which it is true.

    It is not when a delivery is no longer ours (the lease is over, somebody cancelled), or when the
    connection was changed. The caller commits before it sends a dot.
    """
    common = {"claim": batch.claim_id, "connection": batch.connection_id, "version": batch.version}
    rows = [common | {"delivery": number, "sha256": one} for number, one in sha256.items()]
    return _written(_dot_statement(is_frozen=clock.is_frozen()), rows) or _list(
        sha256, Delivery.claim_id == batch.claim_id, Delivery.phase == Phase.DOT.value
    )


def settle_sent(batch: Batch, answers: Mapping[int, tuple[int, str | None]]) -> set[int]:
    """Write what the server took, by delivery with its tries and the reply; returns those that were ours."""
    if not answers:
        return set()
    moment = now()
    rows = [
        {"delivery": number, "claim": batch.claim_id, "tries": tries, "said": reply, "at": moment}
        for number, (tries, reply) in answers.items()
    ]
    return _written(_SENT, rows) or _list(
        answers, Delivery.state == DeliveryState.SENT.value, Delivery.sent_at == moment
    )


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


def settle(batch: Batch, delivery_id: int, values: Mapping[str, Any]) -> bool:
    """Write what became of a delivery; False, and nothing written, when it is no longer ours."""
    written = {"claim_id": None, "phase": None} | dict(values)
    ours = {"delivery": delivery_id, "claim": batch.claim_id}
    statement = update(Delivery).where(*_OURS).values(**written)
    return bool(db.session.connection().execute(statement, ours).rowcount)


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


def _written(statement: Executable, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Execute for all rows at once; returns their deliveries, or none when it did not do for all."""
    if db.session.connection().execute(statement, rows).rowcount != len(rows):
        return set()
    return {row["delivery"] for row in rows}


def _list(numbers: Iterable[int], *has_it: ColumnElement[bool]) -> set[int]:
    """Find out for which of the deliveries a statement did what it should."""
    found = select(Delivery.id).where(Delivery.id.in_(list(numbers)), *has_it)
    return set(db.session.scalars(found))
