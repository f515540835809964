"""The table of ratings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base
from webapp.people.accounts.models import Account

MOST_STARS = 5


class Rating(Base):
    """What one closing of a record was worth to its requester: an account, or an address that has none."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint(f"stars BETWEEN 1 AND {MOST_STARS}", name="stars"),
        Index("ix_rating_record_id", "record_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    closing_event_id: Mapped[int] = mapped_column(Id, unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    address: Mapped[str | None] = mapped_column(String(254))
    stars: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    account: Mapped[Account | None] = relationship()
