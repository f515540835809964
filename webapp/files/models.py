"""The table of stored files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base


class StoredFile(Base):
    """One content, whoever sent it and however often. Whoever needs it points here by a foreign key.

    It has neither a name nor rights: these belong to those who point here. ``used_at`` is when somebody last
    began or ceased to use it; what nobody points to for a day after that is deleted.
    """

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    octets: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime] = mapped_column(default=now, index=True)
