"""The table of rehearsals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.columns import Id, Json
from webapp.core.db import Base

DAYS = 30


class Rehearsal(Base):
    """One try of a row on what happened lately, how far it is, and what came of it.

    ``condition`` is a formula that was tried instead of the one that is set.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (
        Index("ix_rehearsal_code", "code", "id"),
        Index(
            "ix_rehearsal_unended",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    condition: Mapped[str | None] = mapped_column(Text)
    days: Mapped[int] = mapped_column(default=DAYS)
    looked_at: Mapped[int] = mapped_column(default=0)
    reached_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    error: Mapped[str | None] = mapped_column(Text)
    started_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
