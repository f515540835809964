"""The journal of deliveries: a list that stays quick with a million of them, whatever it is narrowed to.

No index serves every filter, and planners guess wrongly here. So the list is put together from parts, each
of which one index holds in the order of the list: a state, a group of troubles, what one connection sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import joinedload

from webapp.core.db import db
from webapp.core.paging import Cursor, KeysetPage, Order, decode_cursor, paginate
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import groups, queries
from webapp.messaging.messages.groups import Group
from webapp.messaging.messages.models import Delivery, DeliveryState, Message
from webapp.messaging.messages.state_words import in_words
from webapp.messaging.messages.wanted import Wanted

PAGE_SIZE: Final = 50
MOST_COUNTED: Final = 1000
NEWEST: Final[Order] = [(Delivery.id, "desc")]
#: Along the indexes of messages, which know about whom and for whom they are.
NEWEST_MESSAGE: Final[Order] = [(Message.id, "desc"), (Delivery.id, "desc")]
ON_THE_WAY: Final = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)
ENDED_UNSENT: Final = (*groups.TROUBLES, DeliveryState.CANCELLED.value, DeliveryState.SUPPRESSED.value)

Part = tuple[ColumnElement[bool] | Any, ...]


class Found(NamedTuple):
    """A page of the list, and how long the list is (not more than MOST_COUNTED + 1 are counted)."""

    page: KeysetPage[Delivery]
    number: int


def find_deliveries(wanted: Wanted, connections: Sequence[MailConnection], cursor: str | None) -> Found:
    """Return the deliveries that the filters let through, newest first, with their messages."""
    if wanted.is_nobody:
        return Found(KeysetPage([], None, None), 0)
    if wanted.is_by_message:
        statement = _by_message(wanted)
        few = statement.with_only_columns(Delivery.id)
        return _found(_page(lambda _start: statement, NEWEST_MESSAGE, cursor), few)
    parts = _parts(wanted, connections)
    page = _page(lambda start: _of_parts(parts, start), NEWEST, cursor)
    return _found(page, _ids(parts, MOST_COUNTED + 1))


def _found(page: KeysetPage[Delivery], ids: Any) -> Found:  # noqa: ANN401 - one select or a union
    is_whole = page.next is None and page.previous is None
    return Found(page, len(page.rows) if is_whole else _count(ids))


def _page(
    look: Callable[[Cursor | None], Select[Any]], order: Order, cursor: str | None
) -> KeysetPage[Delivery]:
    def ask(start: Cursor | None, cursor: str | None) -> KeysetPage[Delivery]:
        statement = look(start).options(joinedload(Delivery.message))
        return paginate(db.session, statement, order, cursor=cursor, size=PAGE_SIZE)

    start = decode_cursor(cursor, order)
    found = ask(start, cursor)
    # Back at the beginning, or beyond an end: the parts were cut off at the cursor, so ask anew.
    return ask(None, None) if start is not None and found.previous is None else found


def _count(ids: Any) -> int:  # noqa: ANN401 - one select or a union
    return db.session.scalar(select(func.count()).select_from(ids.limit(MOST_COUNTED + 1).subquery())) or 0


def _of_parts(parts: Sequence[Part], start: Cursor | None) -> Select[Any]:
    if parts == [()]:
        return select(Delivery)
    ids = _ids([(*part, *_beyond(start)) for part in parts], PAGE_SIZE + 1, start)
    return select(Delivery).where(Delivery.id.in_(select(ids.subquery().c.id)))


def _ids(parts: Sequence[Part], most: int, start: Cursor | None = None) -> Any:  # noqa: ANN401 - one or a union
    is_backward = start is not None and start.is_backward
    by_number = Delivery.id.asc() if is_backward else Delivery.id.desc()
    found = [select(Delivery.id).where(*part).order_by(by_number).limit(most) for part in parts]
    if not found:
        return select(Delivery.id).where(Delivery.id < 0)
    return union_all(*(select(each.subquery().c.id) for each in found))


def _beyond(start: Cursor | None) -> Part:
    if start is None:
        return ()
    return (Delivery.id > start.keys[0],) if start.is_backward else (Delivery.id < start.keys[0],)


def _by_message(wanted: Wanted) -> Select[Any]:
    """Return the deliveries about a record or for an account: as few as one record or person can have."""
    statement = select(Delivery).join(Message, Message.id == Delivery.message_id).where(*_rest(wanted))
    if wanted.record:
        statement = statement.where(Message.subject_type == "record", Message.subject_id == wanted.record)
    if wanted.account_id:
        statement = statement.where(Message.account_id == wanted.account_id)
    if wanted.addresses:
        statement = statement.where(Delivery.address.in_(wanted.addresses))
    return statement


def _rest(wanted: Wanted) -> Part:
    conditions: list[Any] = []
    if wanted.state:
        # Wrapped, so that no index on the state is taken: the rows of a person or record are fewer.
        conditions.append(func.coalesce(Delivery.state, "") == wanted.state)
    if wanted.connection:
        conditions.append(Delivery.connection_id == wanted.connection)
    if wanted.cause:
        conditions.append(Delivery.cause == wanted.cause)
    return (*conditions, *_when(wanted))


def _when(wanted: Wanted) -> Part:
    conditions: list[Any] = []
    if wanted.since is not None:
        conditions.append(Delivery.id >= queries.first_id_since(wanted.since))
    if wanted.until is not None:
        conditions.append(Delivery.id < queries.first_id_since(wanted.until))
    return tuple(conditions)


def _parts(wanted: Wanted, connections: Sequence[MailConnection]) -> list[Part]:
    when = _when(wanted)
    if wanted.addresses:
        return [(Delivery.address.in_(wanted.addresses), *_rest(wanted))]
    return [(*part, *when) for part in _parts_of_states(wanted, connections)]


def _parts_of_states(wanted: Wanted, connections: Sequence[MailConnection]) -> list[Part]:
    if not (wanted.state or wanted.connection or wanted.cause):
        return [()]
    if wanted.cause in set(WaitReason):
        return _parts_that_wait(wanted, connections) + _troubles(wanted, connections)
    if wanted.state == DeliveryState.SENT and not (wanted.connection or wanted.cause):
        # It has no index of its own: it is nearly everything, so the first rows are soon found.
        return [(Delivery.state == in_words(wanted.state),)]
    return _on_the_way(wanted, connections) + _sent(wanted) + _troubles(wanted, connections)


def _on_the_way(wanted: Wanted, connections: Sequence[MailConnection]) -> list[Part]:
    same: list[Any] = [Delivery.cause == wanted.cause] if wanted.cause else []
    states = [state for state in ON_THE_WAY if wanted.state in {"", state}]
    return [
        (Delivery.state == in_words(state), Delivery.connection_id == each.id, *same)
        for state in states
        for each in connections
        if wanted.connection in {None, each.id}
    ]


def _sent(wanted: Wanted) -> list[Part]:
    if wanted.cause or wanted.state not in {"", DeliveryState.SENT.value}:
        return []
    return [(Delivery.state == in_words(DeliveryState.SENT), Delivery.connection_id == wanted.connection)]


def _troubles(wanted: Wanted, connections: Sequence[MailConnection]) -> list[Part]:
    states = [state for state in ENDED_UNSENT if wanted.state in {"", state}]
    ids = [each.id for each in connections if wanted.connection in {None, each.id}]
    found = groups.list_groups(states, ids)
    return [group.conditions() for group in found if wanted.cause in {"", group.cause}]


def _parts_that_wait(wanted: Wanted, connections: Sequence[MailConnection]) -> list[Part]:
    """Return what waits for a reason that is never stored: all that waits in such a connection."""
    if wanted.state not in {"", DeliveryState.WAITING.value}:
        return []
    reasons = {each.id: waiting_reason(each) for each in connections}
    ids = [number for number, reason in reasons.items() if reason == wanted.cause]
    return [
        Group(DeliveryState.WAITING.value, number).conditions()
        for number in ids
        if wanted.connection in {None, number}
    ]
