"""The statements between two mails: these were taken, and the dots of those come next."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Dialect,
    Select,
    SmallInteger,
    TableValuedAlias,
    Text,
    Update,
    any_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    update,
)
from sqlalchemy.types import TypeEngine

from webapp.core.clock import sql_now
from webapp.core.driver_sql import DriverStatement
from webapp.messaging.messages.fence import unchanged
from webapp.messaging.messages.models import Claim, Delivery
from webapp.messaging.messages.state_words import DOT, SENDING, SENT

_NO_CLAIM: Final[ColumnElement[int]] = literal_column("0")

Statements = Mapping[str, DriverStatement]


@lru_cache(maxsize=4)
def statements(dialect: Dialect, *, is_frozen: bool) -> Statements:  # noqa: ARG001 - a frozen clock has its own
    """Return them by name: ``both`` on PostgreSQL; else ``take``, ``permit``, and what finds their work."""
    if dialect.name == "postgresql":
        return {"both": DriverStatement(_both(), dialect)}
    ours = _update(bindparam("delivery", type_=BigInteger))
    made: dict[str, Update | Select[Any]] = {
        "take": _as_taken(ours, bindparam("attempts"), bindparam("reply")),
        "is_taken": _found(Delivery.state == SENT, Delivery.sent_at == bindparam("at")),
        "permit": _as_dot(ours, bindparam("digest")),
        "is_permitted": _found(Delivery.claim_id == bindparam("claim"), Delivery.phase == DOT),
    }
    return {name: DriverStatement(each, dialect) for name, each in made.items()}


def _found(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(Delivery.id).where(Delivery.id == bindparam("delivery"), *conditions)


def _update(delivery_id: ColumnElement[int]) -> Update:
    """Change a delivery that is in the hands of the claim."""
    return update(Delivery).where(
        Delivery.id == delivery_id,
        # Not the bare columns: by their index all of the claim would be read each time to find one.
        func.coalesce(Delivery.claim_id, _NO_CLAIM) == bindparam("claim"),
        func.coalesce(Delivery.state, SENT) == SENDING,
    )


def _as_taken(statement: Update, tries: ColumnElement[int], reply: ColumnElement[str]) -> Update:
    return statement.values(
        state=SENT, phase=null(), claim_id=null(), cause=null(), sent_at=bindparam("at"),
        attempts=tries, reply=reply,
    )  # fmt: skip


def _as_dot(statement: Update, digest: ColumnElement[str]) -> Update:
    lives = exists().where(Claim.id == bindparam("claim"), Claim.lease_until > sql_now())
    is_unchanged = exists().where(*unchanged(bindparam("connection"), bindparam("version")))
    return statement.where(lives, is_unchanged).values(phase=DOT, raw_sha256=digest)


def _both() -> CompoundSelect[Any]:
    took = _rows("taken", delivery=BigInteger, attempts=SmallInteger, reply=Text)
    come = _rows("come", delivery=BigInteger, digest=Text)
    sent = _as_taken(_update(took.c.delivery), took.c.attempts, took.c.reply)
    begun = _as_dot(_update(come.c.delivery), come.c.digest)
    first = sent.where(_is_among(took)).returning(Delivery.id).cte("sent")
    second = begun.where(_is_among(come)).returning(Delivery.id).cte("begun")
    return select(true(), first.c.id).union_all(select(false(), second.c.id))


def _is_among(rows: TableValuedAlias) -> ColumnElement[bool]:
    """Say it once more: of rows made of JSON the planner expects a hundred, and would read the whole table.

    Not by an array among the values, whose length would make PostgreSQL plan anew each time.
    """
    return Delivery.id == any_(func.array(select(rows.c.delivery).correlate(None).scalar_subquery()))


def _rows(name: str, **columns: type[TypeEngine[Any]]) -> TableValuedAlias:
    """Return a list of objects in JSON as a table."""
    rows = func.json_to_recordset(cast(bindparam(name, type_=Text), JSON))
    return rows.table_valued(*(column(each, kind) for each, kind in columns.items())).render_derived(
        name=f"{name}_rows", with_types=True
    )
