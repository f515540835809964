"""Reads approvals: their stages with people and votes, and who is waited for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.core.db import db
from webapp.desk.approvals.models import ApprovalStage, Approver, Vote
from webapp.desk.records import queries as records
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account

TEMPLATE = "approval"
PENDING = "pending"


def get_approval(approval_id: int, viewer: Account) -> Record | None:
    """Return the approval; None when there is none, or none that the viewer may see."""
    record = records.get_record(approval_id, viewer)
    return record if record is not None and is_approval(record) else None


def is_approval(record: Record) -> bool:
    """Whether the record is an approval."""
    return record.template.system_name == TEMPLATE


def is_pending(record: Record) -> bool:
    """Whether the approval is neither decided nor recalled."""
    return bool(record["status"] == PENDING)


def list_stages(approval_id: int) -> list[ApprovalStage]:
    """Return the stages in order with their people and votes, as the database has them now."""
    people = selectinload(ApprovalStage.approvers)
    vote = people.joinedload(Approver.vote).joinedload(Vote.comment)
    query = select(ApprovalStage).where(ApprovalStage.approval_id == approval_id)
    query = query.order_by(ApprovalStage.number).options(people.joinedload(Approver.account), vote)
    # What stood in this session before the approval was locked may be older.
    return list(db.session.scalars(query, execution_options={"populate_existing": True}))


def open_stage(stages: list[ApprovalStage]) -> ApprovalStage | None:
    """Return the stage that asks for votes now."""
    return next((stage for stage in stages if stage.is_open), None)
