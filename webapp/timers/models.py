"""The table of timers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.columns import Id
from webapp.core.db import Base


class Timer(Base):
    """The next moment at which something is to happen to its owner, which has one timer of a kind.

    What stands before a colon in the kind says who handles it; what stands behind is their matter.
    ``data`` is the matter of whoever set it. Without a moment it only remembers, until its owner is over.
    """

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("kind", "owner_id"),
        Index("ix_timer_fire_at", "fire_at", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    owner_id: Mapped[int] = mapped_column(Id)
    fire_at: Mapped[datetime | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
