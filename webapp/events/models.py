"""Tables of events and of what subscribers did with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base

PARTS = 8


class Event(Base):
    """Something that happened, written in the transaction that caused it; later only its handling changes."""

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_undone",
            "part",
            "id",
            sqlite_where=text("NOT is_done"),
            postgresql_where=text("NOT is_done"),
        ),
        Index("ix_event_subject", "subject_type", "subject_id", "id"),
        Index(
            "ix_event_cause",
            "cause_event_id",
            sqlite_where=text("cause_event_id IS NOT NULL"),
            postgresql_where=text("cause_event_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(Id)
    actor_id: Mapped[int | None] = mapped_column(Id)
    cause_event_id: Mapped[int | None] = mapped_column(Id)
    depth: Mapped[int] = mapped_column(SmallInteger, default=0)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    part: Mapped[int] = mapped_column(SmallInteger)
    is_done: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    happened_at: Mapped[datetime] = mapped_column(default=now)


class ReceiptState(StrEnum):
    """How a subscriber's handling of an event stands."""

    DONE = "done"
    FAILED = "failed"
    RETRY = "retry"


class Receipt(Base):
    """What one subscriber did or decided about one event; absent when there was nothing to do."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index(
            "ix_receipt_open",
            "state",
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    subscriber: Mapped[str] = mapped_column(String(60), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(SmallInteger, default=1)
    error: Mapped[str | None] = mapped_column(Text)
    decisions: Mapped[list[Any]] = mapped_column(default=list)
    handled_at: Mapped[datetime] = mapped_column(default=now)
    next_at: Mapped[datetime | None]
