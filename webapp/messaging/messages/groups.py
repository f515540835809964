"""Groups of deliveries with one trouble, which a person settles at once: what is in them, and the settling.

A group may hold any number of rows. They are settled some hundreds a transaction, and how far that is stands
in the database, so that a background job takes it up wherever it was left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    String,
    cast,
    exists,
    func,
    literal,
    select,
    text,
    union_all,
    update,
)

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.core.row_changes import change_rows
from webapp.job_names import JobName
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import queries, services
from webapp.messaging.messages.models import Delivery, DeliveryState, GroupAction, GroupDecision
from webapp.messaging.messages.state_words import in_words

BATCH: Final = 500
MOST_COUNTED: Final = 1000
#: States that ask for a decision of a person.
TROUBLES: Final = (
    DeliveryState.HELD.value,
    DeliveryState.UNCERTAIN.value,
    DeliveryState.REFUSED.value,
    DeliveryState.BOUNCED.value,
    DeliveryState.EXPIRED.value,
)
#: The condition of the index on them, in its very words: SQLite uses it only then.
IS_INDEXED: Final = text("delivery.state NOT IN ('sent', 'waiting', 'sending')")
#: No cause comes before this one.
_BEFORE_ALL: Final = ""


@dataclass(frozen=True)
class Group:
    """What has one state in one connection for one cause; what waits is one group, whatever its cause."""

    state: str
    connection_id: int
    cause: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether these are messages that still go by themselves."""
        return self.state == DeliveryState.WAITING.value

    def conditions(self) -> tuple[ColumnElement[bool] | Any, ...]:
        """Return what holds for each delivery of the group."""
        same = (Delivery.state == in_words(self.state), Delivery.connection_id == self.connection_id)
        return same if self.is_waiting else (*same, Delivery.cause == self.cause, IS_INDEXED)


@dataclass(frozen=True)
class Extent:
    """How many are in a group (not more than MOST_COUNTED + 1 are counted), its first and its last."""

    count: int
    first_id: int
    last_id: int


def list_groups(states: Sequence[str], connection_ids: Sequence[int]) -> list[Group]:
    """Return the groups that there are, without reading their rows."""
    if not (states and connection_ids):
        return []
    walk = _walk_along_causes(states, connection_ids)
    found = [*db.session.execute(select(walk).where(walk.c.cause != _BEFORE_ALL))]
    pairs = _pairs(states, connection_ids).subquery()
    without = exists().where(*_same_as(pairs), Delivery.cause.is_(None), IS_INDEXED)
    found += db.session.execute(select(pairs).where(without))
    return [Group(row.state, row.connection_id, row.cause or None) for row in found]


def list_groups_with(state: DeliveryState, cause: str) -> list[Group]:
    """Return the groups of one state and cause, one for each connection that has such deliveries."""
    found = exists().where(
        Delivery.state == in_words(state),
        Delivery.connection_id == MailConnection.id,
        Delivery.cause == cause,
        IS_INDEXED,
    )
    ids = db.session.scalars(select(MailConnection.id).where(found).order_by(MailConnection.id))
    return [Group(state.value, number, cause) for number in ids]


def extent_of(group: Group, *, before: datetime | None = None) -> Extent | None:
    """Return how large the group is, or that part of it that was written before; None when there is none."""
    rows = select(Delivery.id).where(*group.conditions())
    if before is not None:
        rows = rows.where(Delivery.id < queries.first_id_since(before), Delivery.created_at < before)
    some = rows.order_by(Delivery.id.desc()).limit(MOST_COUNTED + 1).subquery()
    first = rows.order_by(Delivery.id).limit(1).scalar_subquery()
    found = db.session.execute(select(func.count(), first, func.max(some.c.id)).select_from(some)).one()
    return Extent(*found) if found[0] else None


def has_copies(group: Group) -> bool:
    """Whether some of its newest may have arrived already."""
    newest = select(Delivery.ambiguous.label("copies")).where(*group.conditions())
    some = newest.order_by(Delivery.id.desc()).limit(MOST_COUNTED).subquery()
    return bool(db.session.scalar(select(func.max(some.c.copies))))


def decide(  # noqa: PLR0913 - the parts of one decision, named at every call
    group: Group, action: GroupAction, *, up_to_id: int, before: datetime, may_repeat: bool, actor_id: int
) -> GroupDecision:
    """Write down what was decided about the group and settle the first of it; rings for the rest."""
    decision = GroupDecision(
        action=action.value, state=group.state, connection_id=group.connection_id, cause=group.cause,
        before=before, up_to_id=up_to_id, may_repeat=may_repeat, actor_id=actor_id,
    )  # fmt: skip
    db.session.add(decision)
    db.session.flush()
    go_on(decision)
    return decision


def go_on(decision: GroupDecision) -> bool:
    """Settle the next of what was decided; False when nothing is left, or when somebody else is at it.

    The caller commits each time.
    """
    after = decision.after_id
    rows = db.session.scalars(_next_of(decision)).all()
    is_last = len(rows) < BATCH
    moved = update(GroupDecision).where(
        GroupDecision.id == decision.id, GroupDecision.after_id == after, GroupDecision.ended_at.is_(None)
    )
    values = {"after_id": rows[-1] if rows else after, "ended_at": now() if is_last else None}
    # Moved first: whoever else is at it waits here, and then finds that this part is done.
    if not change_rows(moved.values(**values)):
        return False
    settled = _settle(decision, rows)
    mine = update(GroupDecision).where(GroupDecision.id == decision.id)
    change_rows(mine.values(done=GroupDecision.done + settled))
    db.session.refresh(decision)
    _ring(decision, is_last=is_last)
    return not is_last


def list_undone() -> Sequence[GroupDecision]:
    """Return the decisions that are still being carried out, the oldest first."""
    undone = select(GroupDecision).where(GroupDecision.ended_at.is_(None))
    return db.session.scalars(undone.order_by(GroupDecision.id).limit(MOST_COUNTED)).all()


def _next_of(decision: GroupDecision) -> Select[int]:
    group = Group(decision.state, decision.connection_id, decision.cause)
    mine = (Delivery.id > decision.after_id, Delivery.id <= decision.up_to_id)
    rows = select(Delivery.id).where(*group.conditions(), *mine, Delivery.created_at < decision.before)
    return rows.order_by(Delivery.id).limit(BATCH)


def _settle(decision: GroupDecision, ids: Sequence[int]) -> int:
    if decision.action == GroupAction.SKIP:
        return services.cancel_all(ids, decision.state, actor_id=decision.actor_id)
    return services.send_all_again(
        ids, decision.state, may_repeat=decision.may_repeat, actor_id=decision.actor_id
    )


def _ring(decision: GroupDecision, *, is_last: bool) -> None:
    if decision.action == GroupAction.SEND_AGAIN:
        ring_on_commit(JobName.DELIVER_MAIL, decision.connection_id)
    if not is_last:
        ring_on_commit(JobName.SETTLE_GROUP, decision.id)


def _pairs(states: Sequence[str], connection_ids: Sequence[int]) -> CompoundSelect[Any]:
    before_all = literal(_BEFORE_ALL).label("cause")
    mine = MailConnection.id.in_(connection_ids)
    columns = (MailConnection.id.label("connection_id"), before_all)
    return union_all(*(select(literal(state).label("state"), *columns).where(mine) for state in states))


def _walk_along_causes(states: Sequence[str], connection_ids: Sequence[int]) -> CTE:
    """From each cause to the next: one look into the index for each, however many rows have it."""
    walk = select(_pairs(states, connection_ids).subquery()).cte("walk", recursive=True)
    later = select(func.min(Delivery.cause)).where(*_same_as(walk), Delivery.cause > walk.c.cause, IS_INDEXED)
    step = select(walk.c.state, walk.c.connection_id, cast(later.scalar_subquery(), String))
    return walk.union_all(step.where(walk.c.cause.is_not(None)))


def _same_as(pair: FromClause) -> tuple[ColumnElement[bool], ...]:
    return Delivery.state == pair.c.state, Delivery.connection_id == pair.c.connection_id
