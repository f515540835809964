"""Tables of mail connections and of their present condition."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String, Text, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base
from webapp.mail.charsets import UTF_8

THE_ONLY_MARK: Final = 1


class Protocol(StrEnum):
    """How a mail connection speaks."""

    SMTP = "smtp"


class Encryption(StrEnum):
    """How a connection is protected on the wire."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SendingMode(StrEnum):
    """How often states are committed: around each final dot, or for some twenty messages at once.

    A sender that is killed makes at most one message doubtful in the first, and some twenty in the second.
    """

    CAREFUL = "careful"
    BULK = "bulk"


class HighWaterMark(Base):
    """How far the database has come, in one row; and since when all mail waits because of what that says.

    ``remembered_at`` is how far a machine remembers it to have come, if that is further.
    """

    __tablename__ = "high_water_mark"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    database: Mapped[str] = mapped_column(String(32))
    alive_at: Mapped[datetime]
    unreleased_since: Mapped[datetime | None]
    suspicion: Mapped[str | None] = mapped_column(String(12))
    remembered_at: Mapped[datetime | None]


class MailConnection(Base):
    """An outgoing mail server and the sending parameters of what leaves through it.

    No number of attempts, pause, batch or interval is none that is fixed.
    """

    __tablename__ = "mail_connection"
    __table_args__ = (
        Index(
            "uq_mail_connection_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    protocol: Mapped[str] = mapped_column(String(12), default=Protocol.SMTP.value)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(Integer, default=587)
    encryption: Mapped[str] = mapped_column(String(12), default=Encryption.STARTTLS.value)
    has_sign_in: Mapped[bool] = mapped_column(default=False)
    login: Mapped[str] = mapped_column(String(254), default="")
    sealed_password: Mapped[str | None] = mapped_column(Text)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    support_address: Mapped[str] = mapped_column(String(254), default="")
    system_address: Mapped[str] = mapped_column(String(254), default="")
    sender_name: Mapped[str] = mapped_column(String(120), default="")
    sending_mode: Mapped[str] = mapped_column(String(12), default=SendingMode.CAREFUL.value)
    most_sessions: Mapped[int] = mapped_column(SmallInteger, default=2)
    most_per_minute: Mapped[int | None]
    most_per_day: Mapped[int | None]
    charset: Mapped[str] = mapped_column(String(20), default=UTF_8)
    has_latin_headers: Mapped[bool] = mapped_column(default=False)
    most_attempts: Mapped[int | None] = mapped_column(SmallInteger)
    retry_pause_s: Mapped[int | None]
    most_in_batch: Mapped[int | None] = mapped_column(SmallInteger)
    batch_interval_s: Mapped[int | None]
    sends_in_parts: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    #: Read with each connection, since whoever wants to know whether mail may leave has one in hand.
    unreleased_since: Mapped[datetime | None] = column_property(
        select(HighWaterMark.unreleased_since).where(HighWaterMark.id == THE_ONLY_MARK).scalar_subquery()
    )
    #: The name of the database, by which mail that comes back is known as our own.
    database: Mapped[str | None] = column_property(
        select(HighWaterMark.database).where(HighWaterMark.id == THE_ONLY_MARK).scalar_subquery()
    )
    state: Mapped[ConnectionState] = relationship(
        back_populates="connection", cascade="all, delete-orphan", uselist=False
    )

    @property
    def is_complete(self) -> bool:
        """Whether all three sending parameters are filled, without which no system notice leaves."""
        return bool(self.support_address and self.system_address and self.sender_name)


class ConnectionState(Base):
    """How a connection fares; kept apart, so that queued rows are never rewritten when a server goes down.

    ``tokens`` are the messages that may leave now under the limit for a minute, as of ``tokens_at``;
    ``sent_today`` counts for the day ``sent_on`` in UTC; no batch begins before ``next_batch_at``;
    ``per_second`` is the rate lately measured.
    """

    __tablename__ = "connection_state"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("mail_connection.id", ondelete="CASCADE"), primary_key=True
    )
    paused_until: Mapped[datetime | None]
    pause_problem: Mapped[str | None] = mapped_column(String(40))
    pause_reply: Mapped[str | None] = mapped_column(String(500))
    paused_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[float | None]
    tokens_at: Mapped[datetime | None]
    sent_today: Mapped[int] = mapped_column(default=0)
    sent_on: Mapped[date | None]
    next_batch_at: Mapped[datetime | None]
    per_second: Mapped[float | None]
    last_ok_at: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    check_id: Mapped[str | None] = mapped_column(String(32))
    check_address: Mapped[str | None] = mapped_column(String(254))
    check_language: Mapped[str | None] = mapped_column(String(8))
    check_steps: Mapped[list[Any]] = mapped_column(default=list)
    check_started_at: Mapped[datetime | None]
    check_ended_at: Mapped[datetime | None]

    connection: Mapped[MailConnection] = relationship(back_populates="state")
