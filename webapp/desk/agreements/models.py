"""Tables of service agreements, of deadlines, and of how far a recount of deadlines is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base
from webapp.desk.records.models import Record
from webapp.people.calendars.models import WorkingCalendar, new_stamp

REACTION, RESOLUTION = "reaction", "resolution"
#: Deadlines for which somebody still works, and whose clock runs: what is due is found by them.
RUNS = text("met_at IS NULL AND due_at IS NOT NULL")
IS_OPEN = text("met_at IS NULL")


class Agreement(Base):
    """What was agreed with customers: a working calendar and rules with terms."""

    __tablename__ = "agreement"
    __table_args__ = (
        Index(
            "uq_agreement_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(120), unique=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("working_calendar.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    stamp: Mapped[str] = mapped_column(String(16), default=new_stamp)

    calendar: Mapped[WorkingCalendar] = relationship()
    rules: Mapped[list[AgreementRule]] = relationship(
        order_by="AgreementRule.id", cascade="all, delete-orphan"
    )
    customers: Mapped[list[AgreementCustomer]] = relationship(cascade="all, delete-orphan")


class AgreementRule(Base):
    """Terms in seconds of working time, for one service or any (none), for one priority or any (none)."""

    __tablename__ = "agreement_rule"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))
    priority: Mapped[int | None] = mapped_column(SmallInteger)
    reaction_s: Mapped[int]
    resolution_s: Mapped[int]

    service: Mapped[Record | None] = relationship()


class AgreementCustomer(Base):
    """A customer to whom an agreement applies; the others have the default one."""

    __tablename__ = "agreement_customer"

    customer_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), index=True)

    customer: Mapped[Record] = relationship()


class Deadline(Base):
    """Until when something must have happened to a record, with the clock that counts down to it.

    The clock counts working time by the calendar. It runs since ``counted_from``, when ``left_s`` seconds of
    the term were left, and while it runs ``due_at`` is when none is. It stands while ``paused_at`` or
    ``met_at`` is set: ``left_s`` is then what is left (negative: by how much it is late), and ``due_at`` is
    empty while it is paused. Where a person named the moment (``is_named``), ``due_at`` is that moment and
    never moves; a clock with a term counts on beneath it, and one without a term (``term_s`` is empty) never
    counts.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("record_id", "name"),
        Index("ix_deadline_due", "due_at", "id", sqlite_where=RUNS, postgresql_where=RUNS),
        Index("ix_deadline_calendar", "calendar_id", "id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id", ondelete="SET NULL"))
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("working_calendar.id", ondelete="SET NULL"))
    starts_at: Mapped[datetime] = mapped_column(default=now)
    term_s: Mapped[int | None]
    counted_from: Mapped[datetime] = mapped_column(default=now)
    left_s: Mapped[int] = mapped_column(default=0)
    is_named: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)

    record: Mapped[Record] = relationship()

    @property
    def is_withdrawn(self) -> bool:
        """Whether nobody promises it any more: its clock counts on unseen, in case somebody does again."""
        return self.agreement_id is None and self.term_s is not None and not self.is_named


class Recount(Base):
    """How far the counting anew of deadlines is, after a calendar or an agreement was changed."""

    __tablename__ = "deadline_recount"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    after_id: Mapped[int] = mapped_column(Id, default=0)
    up_to_id: Mapped[int] = mapped_column(Id, default=0)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
