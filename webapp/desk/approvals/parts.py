"""Which parts approvers have: in the approval that they decide, and in the ticket that it is about.

Without a part people would not see what they decide on. ``approver`` lasts as long as somebody is named in
any stage; ``voter`` only while the open stage waits for their vote, so that lists find it by an index.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from webapp.core.conflicts import insert
from webapp.core.db import db
from webapp.desk.approvals.models import Approver
from webapp.desk.records.indexes import APPROVER, VOTER
from webapp.desk.records.models import Record, RecordPerson


def name_approvers(approval: Record, account_ids: Iterable[int]) -> None:
    """Let these people see the approval, and the ticket that it is about."""
    wanted = set(account_ids)
    _give(approval.id, wanted, APPROVER)
    if approval.parent_id:
        _give(approval.parent_id, wanted, APPROVER)


def dismiss_approver(approval: Record, account_id: int) -> None:
    """Take the part from somebody who is asked in no stage any more; flush before."""
    asked = select(Approver.approval_id).where(Approver.account_id == account_id)
    if db.session.scalar(asked.where(Approver.approval_id == approval.id).limit(1)) is None:
        _take(approval.id, account_id, APPROVER)
    if approval.parent_id is None:
        return
    beside = select(Record.id).where(Record.parent_id == approval.parent_id)
    if db.session.scalar(asked.where(Approver.approval_id.in_(beside)).limit(1)) is None:
        _take(approval.parent_id, account_id, APPROVER)


def await_votes(approval: Record, account_ids: Iterable[int]) -> None:
    """Let the approval wait for the votes of these people."""
    _give(approval.id, set(account_ids), VOTER)


def await_no_vote(approval: Record, account_id: int | None = None) -> None:
    """Let the approval wait for this person's vote no more, or for nobody's."""
    _take(approval.id, account_id, VOTER)


def _give(record_id: int, account_ids: set[int], role: str) -> None:
    rows = [{"account_id": each, "record_id": record_id, "role": role} for each in sorted(account_ids)]
    if rows:
        # Another approval of the same ticket may have given the part already.
        db.session.execute(insert(RecordPerson).values(rows).on_conflict_do_nothing())


def _take(record_id: int, account_id: int | None, role: str) -> None:
    gone = delete(RecordPerson).where(RecordPerson.record_id == record_id, RecordPerson.role == role)
    db.session.execute(gone if account_id is None else gone.where(RecordPerson.account_id == account_id))
