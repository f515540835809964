"""Makes approvals for tests, the way the program does."""

from __future__ import annotations

from typing import Any

from tests.support.people import make_account
from webapp.core.db import db
from webapp.desk.approvals import queries, services
from webapp.desk.approvals.models import ApprovalStage
from webapp.desk.approvals.outcomes import Rule
from webapp.desk.approvals.plans import StagePlan
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account


def plan(*people: Account, rule: Rule = Rule.ALL, needed: int | None = None) -> StagePlan:
    """Return a stage that asks these people."""
    return StagePlan(tuple(account.id for account in people), rule, needed)


def make_approval(author: Account, *stages: StagePlan, **values: Any) -> Record:
    """Ask for an approval and commit."""
    approval = services.request_approval({"title": "Buy a screen", **values}, stages, author=author)
    db.session.commit()
    return approval


def make_inactive_account(name: str) -> Account:
    """Make somebody who was deactivated."""
    account = make_account(name)
    account.is_active = False
    db.session.commit()
    return account


def cast(
    approval: Record, account: Account, *, yes: bool = True, stage: int = 1, comment: str | None = None
) -> None:
    """Let somebody vote and commit; a no has a reason."""
    comment = comment or (None if yes else "Too dear")
    services.vote(approval, stage, is_approval=yes, account=account, comment=comment)
    db.session.commit()


def stages_of(approval: Record) -> list[ApprovalStage]:
    """Return the stages as they are now."""
    return queries.list_stages(approval.id)
