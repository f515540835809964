"""Reads of the event journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import ColumnElement, Select, func, literal, select

from webapp.core.db import db
from webapp.core.paging import KeysetPage, paginate
from webapp.events.kinds import EventKind
from webapp.events.models import Event, Receipt, ReceiptState
from webapp.people.accounts import queries as accounts

STATES = ("failed", "undone")
LARGEST_NUMBER = 2**63 - 1
MOST_COUNTED = 1000
MOST_PEOPLE = 50


@dataclass(frozen=True)
class Filters:
    """What the address asks for; a value that makes no sense counts as none."""

    kind: str = ""
    state: str = ""
    record: int | None = None
    actor: str = ""

    @classmethod
    def from_address(cls, args: Mapping[str, str]) -> Self:
        """Read the query of an address."""
        kind, state = args.get("kind", ""), args.get("state", "")
        return cls(
            kind=kind if kind in set(EventKind) else "",
            state=state if state in STATES else "",
            record=_number(args.get("record", "")),
            actor=" ".join(args.get("actor", "").split())[:100],
        )

    @property
    def is_narrow(self) -> bool:
        """Whether any filter is in force."""
        return bool(self.kind or self.state or self.record or self.actor)


def get_event(event_id: int) -> Event | None:
    """Return the event with this number."""
    return db.session.get(Event, event_id) if event_id <= LARGEST_NUMBER else None


def list_events(filters: Filters, cursor: str | None) -> KeysetPage[Event]:
    """Return a page of events, newest first."""
    statement = select(Event).where(*_conditions(filters))
    return paginate(db.session, statement, [(Event.id, "desc")], cursor=cursor, size=50)


def list_receipts(event_ids: Sequence[int]) -> dict[int, list[Receipt]]:
    """Return what subscribers did with each of the events."""
    found: dict[int, list[Receipt]] = {event_id: [] for event_id in event_ids}
    receipts = db.session.scalars(
        select(Receipt).where(Receipt.event_id.in_(event_ids)).order_by(Receipt.subscriber)
    )
    for receipt in receipts:
        found[receipt.event_id].append(receipt)
    return found


def list_effects(event: Event) -> Sequence[Event]:
    """Return the events that this one caused, oldest first."""
    caused = select(Event).where(Event.cause_event_id == event.id, Event.id > event.id)
    return db.session.scalars(caused.order_by(Event.id).limit(MOST_PEOPLE)).all()


def count_failed() -> int:
    """Return how many events some subscriber failed on; not more than 1,000 are counted."""
    return _count(_failed_event_ids(ReceiptState.FAILED).distinct())


def count_replaying() -> int:
    """Return how many events wait to be handled again; not more than 1,000 are counted."""
    return _count(_failed_event_ids(ReceiptState.RETRY).distinct())


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.kind:
        conditions.append(Event.kind == filters.kind)
    if filters.record:
        conditions += [Event.subject_type == "record", Event.subject_id == filters.record]
    if filters.actor:
        found = accounts.list_accounts(text=filters.actor, is_active=None, size=MOST_PEOPLE).rows
        conditions.append(Event.actor_id.in_([account.id for account in found]))
    if filters.state == "failed":
        conditions.append(Event.id.in_(_failed_event_ids(ReceiptState.FAILED)))
    if filters.state == "undone":
        conditions.append(~Event.is_done)
    return conditions


def _failed_event_ids(state: ReceiptState) -> Select[int]:
    # Written into the statement: only then may PostgreSQL use the partial index on what is not done.
    return select(Receipt.event_id).where(Receipt.state == literal(state.value, literal_execute=True))


def _count(ids: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(ids.limit(MOST_COUNTED).subquery())) or 0


def _number(text: str) -> int | None:
    digits = text.strip().lstrip("#№").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
