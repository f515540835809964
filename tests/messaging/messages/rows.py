"""Deliveries in any state, written straight into the tables."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, insert, select

from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.messages.models import Delivery, Message
from webapp.people.accounts.models import Account

_keys = count(1)


def write(connection_id: int, number: int = 1, *, account: Account | None = None, **values: Any) -> list[int]:
    """Write so many deliveries of messages of their own; returns their numbers.

    ``title``, ``record`` and ``message_class`` are of the message; ``age_h`` is how long ago it was written.
    """
    at = now() - timedelta(hours=values.pop("age_h", 0))
    message = {
        "rule_code": "ticket.status.requester",
        "role": "requester",
        "language": "en",
        "title": values.pop("title", "Status: In progress"),
        "message_class": values.pop("message_class", "notice"),
        "subject_type": "record",
        "subject_id": values.pop("record", 12),
        "account_id": account.id if account else None,
        "created_at": at,
    }
    address = values.pop("address", account.email if account else "stranger@elsewhere.example")
    row = {"connection_id": connection_id, "address": address, "created_at": at, "due_at": at}
    row |= {"expires_at": at + timedelta(days=3), "lane": 2} | values
    messages = [message | {"dedupe_key": f"row:{next(_keys)}"} for _ in range(number)]
    rows = [row | {"message_id": message_id} for message_id in _insert(Message, messages)]
    ids = _insert(Delivery, rows)
    db.session.commit()
    return ids


def states() -> dict[str, int]:
    """Return how many deliveries are in each state; no transaction stands open afterwards."""
    db.session.rollback()
    counted = select(Delivery.state, func.count().label("number")).group_by(Delivery.state)
    found = {row.state: row.number for row in db.session.execute(counted)}
    db.session.rollback()
    return found


def _insert(model: type[Delivery | Message], rows: list[dict[str, Any]]) -> list[int]:
    """Write the rows at once; returns their numbers in the same order."""
    if not rows:
        return []
    made = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(made, rows))
