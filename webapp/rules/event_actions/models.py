"""What technologists set of rows: switches, conditions, own texts, and when escalation rules fire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.db import Base


class EventActionSwitch(Base):
    """One row's switch for one channel; a switch that was never touched is on and has no row here."""

    __tablename__ = "event_action_switch"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    is_on: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class EventActionCondition(Base):
    """What must be true of the record besides, as a formula; a row without one speaks of every record."""

    __tablename__ = "event_action_condition"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    formula: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class EscalationMoment(Base):
    """When an escalation rule fires instead of when the catalogue says: how much, of what, how often."""

    __tablename__ = "escalation_moment"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    amount: Mapped[int] = mapped_column(SmallInteger)
    unit: Mapped[str] = mapped_column(String(10))
    times: Mapped[int] = mapped_column(SmallInteger, default=1)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class EventActionText(Base):
    """One version of a row's text in one language; the latest counts.

    The facts are names of values, in their order. A version with ``is_original`` says what the program says.
    """

    __tablename__ = "event_action_text"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_original: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str] = mapped_column(Text, default="")
    lead: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[list[Any]] = mapped_column(default=list)
    body: Mapped[str] = mapped_column(Text, default="")
    action: Mapped[str] = mapped_column(Text, default="")
    push_title: Mapped[str] = mapped_column(Text, default="")
    push_body: Mapped[str] = mapped_column(Text, default="")
    written_at: Mapped[datetime] = mapped_column(default=now)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
