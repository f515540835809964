"""What technologists set of event actions: switches, conditions, and when escalation rules fire."""

from __future__ import annotations

from datetime import datetime

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
