"""The table that says how far the arming anew of records is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base


class Rearming(Base):
    """How far it is, after a rule's moment or a calendar was changed."""

    __tablename__ = "escalation_rearming"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    after_id: Mapped[int] = mapped_column(Id, default=0)
    up_to_id: Mapped[int] = mapped_column(Id, default=0)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
