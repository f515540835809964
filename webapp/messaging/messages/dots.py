"""The one commit that a mail costs: which mails the server took, and whose dots come next.

It is written past the session, whose book-keeping would cost more than the rows. On PostgreSQL everything is
one statement that commits itself, since each trip to the server costs as much; on SQLite it is a statement
for each half.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    SmallInteger,
    Text,
    Update,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    update,
)

from webapp.core import clock
from webapp.core.clock import now, sql_now
from webapp.core.db import db
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.fence import unchanged
from webapp.messaging.messages.models import Claim, Delivery, DeliveryState, Phase

_SENDING: Final[ColumnElement[str]] = literal_column("'sending'")
#: Our one statement commits itself; SQLite's two need a transaction.
_OPTIONS: Final[Mapping[str, Any]] = {"postgresql": {"isolation_level": "AUTOCOMMIT"}}


class Taken(NamedTuple):
    """A delivery that the server took: how many tries that cost, and the server's words."""

    delivery_id: int
    attempts: int
    reply: str | None


class Written(NamedTuple):
    """The deliveries for which it was written that they were taken, and those whose dots may be sent."""

    taken: set[int]
    permitted: set[int]


class Writer:
    """Writes for one batch over a connection that it keeps: to take one costs as much as to write."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._connection: Connection | None = None

    def record(self, taken: Sequence[Taken], sha256: Mapping[int, str]) -> Written:
        """Write and commit both; ``sha256`` has the digest of the mail by delivery.

        A delivery is left out when it is no longer ours (the lease is over, somebody cancelled); no dot may
        be sent either when the connection was changed. Raises DBAPIError; it is not known then whether
        anything was written. The session must have no transaction open.
        """
        connection = self._connection = self._connection or _connect()
        try:
            with connection.begin():
                return write(connection, self._batch, taken, sha256)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back; the next record takes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _connect() -> Connection:
    connection = db.engine.connect()
    return connection.execution_options(**_OPTIONS.get(connection.dialect.name, {}))


def write(connection: Connection, batch: Batch, taken: Sequence[Taken], sha256: Mapping[int, str]) -> Written:
    """Write both in the connection's transaction; see ``Writer.record``."""
    common = {
        "claim": batch.claim_id,
        "connection": batch.connection_id,
        "version": batch.version,
        "at": now(),
    }
    if connection.dialect.name == "postgresql":
        return _write_at_once(connection, common, taken, sha256)
    return Written(
        _write_taken(connection, common, taken) if taken else set(),
        _write_dots(connection, common, sha256) if sha256 else set(),
    )


def _write_taken(connection: Connection, common: Mapping[str, Any], taken: Sequence[Taken]) -> set[int]:
    rows = [
        {**common, "delivery": one.delivery_id, "tries": one.attempts, "said": one.reply} for one in taken
    ]
    found = (Delivery.state == DeliveryState.SENT.value, Delivery.sent_at == common["at"])
    return _written(connection, _TAKEN, rows, found)


def _write_dots(connection: Connection, common: Mapping[str, Any], sha256: Mapping[int, str]) -> set[int]:
    rows = [{**common, "delivery": number, "digest": digest} for number, digest in sha256.items()]
    found = (Delivery.claim_id == common["claim"], Delivery.phase == Phase.DOT.value)
    return _written(connection, _dots(is_frozen=clock.is_frozen()), rows, found)


def _written(
    connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]], found: Iterable[Any]
) -> set[int]:
    """Execute for all rows; when it did not do for each, find those that now have what it writes."""
    numbers = {row["delivery"] for row in rows}
    if connection.execute(statement, rows).rowcount == len(rows):
        return numbers
    return set(connection.scalars(select(Delivery.id).where(Delivery.id.in_(numbers), *found)))


def _write_at_once(
    connection: Connection, common: Mapping[str, Any], taken: Sequence[Taken], sha256: Mapping[int, str]
) -> Written:
    arrays = {
        "taken": [one.delivery_id for one in taken],
        "tries": [one.attempts for one in taken],
        "replies": [one.reply for one in taken],
        "dots": list(sha256),
        "digests": list(sha256.values()),
    }
    rows = connection.execute(_at_once(is_frozen=clock.is_frozen()), {**common, **arrays}).all()
    return Written({row.id for row in rows if row.is_taken}, {row.id for row in rows if not row.is_taken})


def _update(delivery_id: ColumnElement[int]) -> Update:
    """Change a delivery that is in the hands of the claim."""
    return update(Delivery).where(
        Delivery.id == delivery_id,
        Delivery.claim_id == bindparam("claim"),
        Delivery.state == _SENDING,
    )


def _as_taken(statement: Update, tries: ColumnElement[int], reply: ColumnElement[str]) -> Update:
    return statement.values(
        state=DeliveryState.SENT.value, phase=None, claim_id=None, cause=None, sent_at=bindparam("at"),
        attempts=tries, reply=reply,
    )  # fmt: skip


def _as_dot(statement: Update, digest: ColumnElement[str]) -> Update:
    lives = exists().where(Claim.id == bindparam("claim"), Claim.lease_until > sql_now())
    is_unchanged = exists().where(*unchanged(bindparam("connection"), bindparam("version")))
    return statement.where(lives, is_unchanged).values(phase=Phase.DOT.value, raw_sha256=digest)


_TAKEN: Final = _as_taken(_update(bindparam("delivery")), bindparam("tries"), bindparam("said"))


@lru_cache(maxsize=2)
def _dots(*, is_frozen: bool) -> Update:  # noqa: ARG001 - a frozen clock makes another statement
    return _as_dot(_update(bindparam("delivery")), bindparam("digest"))


@lru_cache(maxsize=2)
def _at_once(*, is_frozen: bool) -> Executable:  # noqa: ARG001 - a frozen clock makes another statement
    took = _columns("took", id=("taken", BigInteger), tries=("tries", SmallInteger), reply=("replies", Text))
    come = _columns("come", id=("dots", BigInteger), digest=("digests", Text))
    sent = _as_taken(_update(took.c.id), took.c.tries, took.c.reply).returning(Delivery.id).cte("sent")
    begun = _as_dot(_update(come.c.id), come.c.digest).returning(Delivery.id).cte("begun")
    return select(literal(value=True).label("is_taken"), sent.c.id).union_all(
        select(literal(value=False), begun.c.id)
    )


def _columns(name: str, **columns: tuple[str, type[Any]]) -> Any:  # noqa: ANN401 - a table of unnested arrays
    arrays = (bindparam(array, type_=ARRAY(kind)) for array, kind in columns.values())
    return func.unnest(*arrays).table_valued(*columns).render_derived(name=name)
