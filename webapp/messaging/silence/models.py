"""The table of the silent mode: one row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.columns import Id
from webapp.core.db import Base

THE_ONLY_ROW: Final = 1
LONGEST_NOTE: Final = 300


class Reason(StrEnum):
    """Why the program keeps silent."""

    ASKED = "asked"
    ELSEWHERE = "elsewhere"


class SilentMode(Base):
    """Since when and why nothing leaves, to whom it does all the same, and where this database is at home.

    ``home`` is the address under which it was opened last and may write; ``opened_at`` is another one, under
    which it was found; ``first_id`` is the first delivery that was, or may yet be, kept back since then.
    """

    __tablename__ = "silent_mode"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    first_id: Mapped[int] = mapped_column(Id, default=0)
    exceptions: Mapped[list[Any]] = mapped_column(default=list)
    home: Mapped[str | None] = mapped_column(String(300))
    opened_at: Mapped[str | None] = mapped_column(String(300))
