"""Tables of messages, their bodies, deliveries, attempts and claims."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base


class DeliveryState(StrEnum):
    """The stored states of a delivery. Pauses, limits and missing parameters are derived, never stored."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    REFUSED = "refused"
    HELD = "held"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


class Lane(IntEnum):
    """How soon a delivery goes: the lower, the sooner."""

    PERSON_WAITS = 0
    DEADLINE = 1
    ORDINARY = 2
    BULK = 3


class MessageClass(StrEnum):
    """What a message is, for the rules of its sending."""

    NOTICE = "notice"
    ANSWER = "answer"
    SIGN_IN = "sign_in"
    MASS = "mass"
    ONCE = "once"


class Kind(StrEnum):
    """Where a recipient stands: shown in To or Cc, or in the envelope alone."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"


class Phase(StrEnum):
    """How far a sending delivery went; after ``dot`` the server may have the message.

    ``started`` is written only for one that a worker died with before.
    """

    CLAIMED = "claimed"
    STARTED = "started"
    DOT = "dot"


def _only(condition: str) -> dict[str, Any]:
    """Return what makes an index one of the rows alone for which the condition holds."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Message(Base):
    """One text for one person, with why it was written."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_event_id", "event_id"),
        Index("ix_message_subject", "subject_type", "subject_id", "id"),
        Index("ix_message_account_id", "account_id", "id"),
        Index("ix_message_rule", "rule_code", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    event_id: Mapped[int | None] = mapped_column(Id)
    subject_type: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(Id)
    rule_code: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    language: Mapped[str] = mapped_column(String(8))
    message_class: Mapped[str] = mapped_column(String(12), default=MessageClass.NOTICE.value)
    title: Mapped[str] = mapped_column(String(400))
    message_id_header: Mapped[str | None] = mapped_column(String(200), index=True)
    date_header: Mapped[datetime | None]
    boundary: Mapped[str | None] = mapped_column(String(70))
    created_at: Mapped[datetime] = mapped_column(default=now)

    body: Mapped[MessageBody | None] = relationship(cascade="all, delete-orphan", uselist=False)
    deliveries: Mapped[list[Delivery]] = relationship(back_populates="message", order_by="Delivery.id")


class MessageBody(Base):
    """The parts of a message; never read by a list, pruned first."""

    __tablename__ = "message_body"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    packed_parts: Mapped[bytes] = mapped_column(LargeBinary)


class Claim(Base):
    """A batch of deliveries in the hands of one sender; its lease is prolonged by a heartbeat."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    worker: Mapped[str] = mapped_column(String(120))
    connection_id: Mapped[int] = mapped_column(Id)
    lease_until: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime] = mapped_column(default=now)


class Delivery(Base):
    """One message to one address. Its state is written before and after each step on the wire."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "address"),
        Index("ix_delivery_claim", "connection_id", "lane", "due_at", "id", **_only("state = 'waiting'")),
        Index("ix_delivery_next", "connection_id", "due_at", **_only("state = 'waiting'")),
        Index("ix_delivery_expires", "state", "expires_at", **_only("state = 'waiting'")),
        Index("ix_delivery_sending", "connection_id", "id", "claim_id", **_only("state = 'sending'")),
        Index(
            "ix_delivery_trouble",
            "state",
            "connection_id",
            "cause",
            "id",
            **_only("state NOT IN ('sent', 'waiting', 'sending')"),
        ),
        # These are for reading alone. No state is part of the last two, and no condition, so that SQLite does
        # not write a mail that is sent into them: each page of an index would be part of each mail's commit.
        # PostgreSQL writes each new version of a row into every index, whatever has changed.
        Index("ix_delivery_waiting", "connection_id", "id", **_only("state = 'waiting'")),
        Index("ix_delivery_retry", "cause", "id", **_only("state = 'waiting' AND cause IS NOT NULL")),
        Index("ix_delivery_connection", "connection_id", "id"),
        Index("ix_delivery_address", "address", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("mail_connection.id"))
    address: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[str] = mapped_column(String(3), default=Kind.TO.value)
    lane: Mapped[int] = mapped_column(SmallInteger, default=Lane.ORDINARY.value)
    state: Mapped[str] = mapped_column(String(12), default=DeliveryState.WAITING.value)
    phase: Mapped[str | None] = mapped_column(String(10))
    due_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    claim_id: Mapped[int | None] = mapped_column(Id)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    ambiguous: Mapped[int] = mapped_column(SmallInteger, default=0)
    cause: Mapped[str | None] = mapped_column(String(40))
    reply: Mapped[str | None] = mapped_column(Text)
    raw_sha256: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    message: Mapped[Message] = relationship(back_populates="deliveries")


class Attempt(Base):
    """One try that failed: how far it went, what the server said. What was sent tells of itself."""

    __tablename__ = "attempt"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    claim_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(default=now)
    step: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[str] = mapped_column(String(20))
    problem: Mapped[str | None] = mapped_column(String(40))
    reply: Mapped[str] = mapped_column(Text, default="")
    ms: Mapped[int] = mapped_column(default=0)


class DeliveryHour(Base):
    """How many tries of a connection succeeded and failed in an hour, by the business clock, in UTC.

    It is for a picture: what a sender counted and had not written yet is lost with it.
    """

    __tablename__ = "delivery_hour"

    connection_id: Mapped[int] = mapped_column(ForeignKey("mail_connection.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    sent: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)


class GroupAction(StrEnum):
    """What a person may decide about many deliveries at once."""

    SEND_AGAIN = "send_again"
    SKIP = "skip"


class GroupDecision(Base):
    """What a person decided about the deliveries of one state, connection and cause, and how far that is.

    It is about those written up to ``before`` whose number is not above ``up_to_id``, and carried out in
    their order: those up to ``after_id`` are done.
    """

    __tablename__ = "group_decision"
    __table_args__ = (Index("ix_group_decision_undone", "id", **_only("ended_at IS NULL")),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    connection_id: Mapped[int] = mapped_column(ForeignKey("mail_connection.id"))
    cause: Mapped[str | None] = mapped_column(String(40))
    before: Mapped[datetime]
    up_to_id: Mapped[int] = mapped_column(Id)
    after_id: Mapped[int] = mapped_column(Id, default=0)
    may_repeat: Mapped[bool] = mapped_column(default=False)
    done: Mapped[int] = mapped_column(default=0)
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
