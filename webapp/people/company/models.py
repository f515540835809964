"""The tables of the company's settings and of its logos."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.columns import Json
from webapp.core.db import Base


class Setting(Base):
    """One setting of the company card; what is not stored has its default."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(Json, nullable=True)


class Logo(Base):
    """A logo as mails carry it. Those written until ``used_until`` may show it; None for the present one."""

    __tablename__ = "logo"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    png: Mapped[bytes] = mapped_column(LargeBinary)
    used_until: Mapped[datetime | None]
