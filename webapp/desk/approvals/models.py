"""Tables of approvals: their stages, who is asked in each, and the votes. The approval itself is a record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.columns import Id
from webapp.core.db import Base
from webapp.desk.approvals.outcomes import Outcome, Rule, approvals_needed, outcome_of
from webapp.desk.records.models import Comment
from webapp.people.accounts.models import Account

OPEN, WAITING = "open", "waiting"


class ApprovalStage(Base):
    """One stage of an approval. Its number counts from 1; ``needed`` belongs to the rule "some"."""

    __tablename__ = "approval_stage"

    approval_id: Mapped[int] = mapped_column(ForeignKey("record.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(10))
    needed: Mapped[int | None] = mapped_column(SmallInteger)
    opened_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(10))

    approvers: Mapped[list[Approver]] = relationship(
        order_by="Approver.account_id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def state(self) -> str:
        """How it stands: waiting for its turn, open, or its outcome."""
        return self.outcome or (OPEN if self.opened_at else WAITING)

    @property
    def is_open(self) -> bool:
        """Whether votes are asked for now."""
        return self.state == OPEN

    @property
    def approved(self) -> int:
        """How many approved."""
        return sum(each.vote is not None and each.vote.is_approval for each in self.approvers)

    @property
    def rejected(self) -> int:
        """How many rejected."""
        return sum(each.vote is not None and not each.vote.is_approval for each in self.approvers)

    @property
    def approvals_needed(self) -> int:
        """How many have to approve."""
        return approvals_needed(Rule(self.rule), len(self.approvers), self.needed)

    @property
    def verdict(self) -> Outcome | None:
        """What its votes come to; None while they decide nothing."""
        return outcome_of(len(self.approvers), self.approvals_needed, self.approved, self.rejected)

    @property
    def missing(self) -> list[Approver]:
        """Who was named and has not voted."""
        return [each for each in self.approvers if each.vote is None]

    def approver(self, account_id: int) -> Approver | None:
        """Return the account's place in the stage."""
        return next((each for each in self.approvers if each.account_id == account_id), None)


class Approver(Base):
    """Somebody who is asked in a stage."""

    __tablename__ = "approver"
    __table_args__ = (
        ForeignKeyConstraint(
            ["approval_id", "stage"],
            ["approval_stage.approval_id", "approval_stage.number"],
            ondelete="CASCADE",
        ),
        Index("ix_approver_account_id", "account_id"),
    )

    approval_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)

    account: Mapped[Account] = relationship()
    vote: Mapped[Vote | None] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class Vote(Base):
    """What an approver decided. The key lets nobody vote twice in a stage; a vote is never changed."""

    __tablename__ = "vote"
    __table_args__ = (
        ForeignKeyConstraint(
            ["approval_id", "stage", "account_id"],
            ["approver.approval_id", "approver.stage", "approver.account_id"],
            ondelete="CASCADE",
        ),
    )

    approval_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    is_approval: Mapped[bool]
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"))
    voted_at: Mapped[datetime] = mapped_column(default=now)

    comment: Mapped[Comment | None] = relationship()
