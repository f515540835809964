"""What a person may do with an approval that they see."""

from __future__ import annotations

from webapp.desk.approvals import queries
from webapp.desk.approvals.models import ApprovalStage
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account


def stage_to_vote_in(approval: Record, stages: list[ApprovalStage], account: Account) -> ApprovalStage | None:
    """Return the stage that waits for the account's vote."""
    stage = queries.open_stage(stages) if queries.is_pending(approval) else None
    approver = stage.approver(account.id) if stage else None
    return stage if approver is not None and approver.vote is None else None


def is_asked(stages: list[ApprovalStage], account: Account) -> bool:
    """Whether the account is asked in any stage."""
    return any(stage.approver(account.id) for stage in stages)


def has_part_in_recall(approval: Record, account: Account) -> bool:
    """Whether the account may take the question back while it is open: who asked, and staff."""
    return account.is_staff or approval.author_id == account.id


def can_recall(approval: Record, account: Account) -> bool:
    """Whether the account may take the question back now."""
    return queries.is_pending(approval) and has_part_in_recall(approval, account)


def can_replace(approval: Record, account: Account) -> bool:
    """Whether the account may ask somebody else now: staff."""
    return queries.is_pending(approval) and account.is_staff
