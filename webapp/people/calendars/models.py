"""Tables of working calendars and their exceptions."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.columns import Id
from webapp.core.db import Base


def new_stamp() -> str:
    """Return what no other state of a row has: whoever keeps the row in memory sees by it that it changed."""
    return secrets.token_hex(8)


class WorkingCalendar(Base):
    """The hours of each weekday, the country whose holidays are kept, and the exceptions from both.

    Hours are pairs of minutes since midnight: ``[[540, 780], [840, 1080]]`` is 9:00–13:00 and 14:00–18:00.
    """

    __tablename__ = "working_calendar"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(120), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    week: Mapped[list[Any]] = mapped_column(default=list)
    country: Mapped[str | None] = mapped_column(String(3))
    subdivision: Mapped[str | None] = mapped_column(String(40))
    stamp: Mapped[str] = mapped_column(String(16), default=new_stamp)

    exceptions: Mapped[list[CalendarException]] = relationship(
        order_by="CalendarException.day", back_populates="calendar", cascade="all, delete-orphan"
    )


class CalendarException(Base):
    """One day with other hours than its weekday and the holidays say; without hours it is a day off."""

    __tablename__ = "calendar_exception"
    __table_args__ = (UniqueConstraint("calendar_id", "day"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("working_calendar.id", ondelete="CASCADE"))
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(120))
    hours: Mapped[list[Any]] = mapped_column(default=list)

    calendar: Mapped[WorkingCalendar] = relationship(back_populates="exceptions")
