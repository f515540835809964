"""The statements by which a sender takes what is due and gives it back: made once, used for each claim."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    any_,
    bindparam,
    delete,
    exists,
    func,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningUpdate

from webapp.messaging.messages.models import Claim, Delivery, Lane
from webapp.messaging.messages.state_words import CLAIMED, DOT, SENDING, WAITING

_DUE: Final = (
    Delivery.connection_id == bindparam("connection"),
    Delivery.state == WAITING,
    Delivery.due_at <= bindparam("at"),
    Delivery.expires_at > bindparam("at"),
)


def _first_of(lane: Lane) -> ScalarSelect[int]:
    # In the order of the index, or PostgreSQL might look for any such row in the whole table.
    first = select(Delivery.id).where(*_DUE, Delivery.lane == lane.value)
    return first.order_by(Delivery.due_at, Delivery.id).limit(1).scalar_subquery()


#: For each lane the first that is due in it, each by a look of its own into the index: to read the lanes in
#: their order would pass by every future retry.
FIRST_DUE: Final = select(*(_first_of(lane) for lane in Lane))

_HELD: Final = (Delivery.claim_id == bindparam("claim"), Delivery.state == SENDING)
#: What was claimed and not begun waits again.
GIVE_BACK: Final = (
    update(Delivery).where(*_HELD, Delivery.phase != DOT).values(state=WAITING, claim_id=None, phase=None)
)
#: A claim that holds a delivery after its dot stays, so that recovery counts the lost answer.
END: Final = delete(Claim).where(Claim.id == bindparam("claim"), ~exists().where(*_HELD))


@lru_cache(maxsize=2)
def take(database: str) -> ReturningUpdate[int, int, str]:
    """Take the next due deliveries of a lane, and the other due recipients of their messages.

    Returns of each its number, its lane and when it was due. What another sender holds is left to it: to wait
    for it might be to wait for each other.
    """
    first = (
        select(Delivery.message_id)
        .where(*_DUE, Delivery.lane == bindparam("of_lane"))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("first")
    )
    due = (
        select(Delivery.id)
        .where(_is_among(Delivery.message_id, select(first.c.message_id), database), *_due_among_others())
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(Delivery)
        .where(_is_among(Delivery.id, select(due.c.id), database))
        .values(state=SENDING, phase=CLAIMED, claim_id=bindparam("claim"))
        # As the driver gives it, since it is for sorting alone.
        .returning(Delivery.id, Delivery.lane, type_coerce(Delivery.due_at, String).label("due_at"))
    )


def _due_among_others() -> tuple[ColumnElement[bool], ...]:
    # Not the bare columns: by their indexes both databases would read all that waits to find the few.
    return (
        func.coalesce(Delivery.connection_id, 0) == bindparam("connection"),
        func.coalesce(Delivery.state, "") == WAITING,
        func.coalesce(Delivery.due_at, bindparam("at")) <= bindparam("at"),
        Delivery.expires_at > bindparam("at"),
    )


def _is_among(column: InstrumentedAttribute[int], numbers: Select[int], database: str) -> ColumnElement[bool]:
    """Whether the column is one of the numbers; each of them is looked up in the column's index.

    PostgreSQL knows little of a table that changes so fast and might read all of it, but not for an array.
    """
    if database == "postgresql":
        return column == any_(func.array(numbers.scalar_subquery()))
    return column.in_(numbers)
