"""The blueprint of approvals, and what its views share."""

from __future__ import annotations

from flask import Blueprint, abort

from webapp.desk.approvals import queries
from webapp.desk.records.models import Record
from webapp.people.accounts.rights import current_account

bp = Blueprint("approvals", __name__)


def load_approval(approval_id: int) -> Record:
    """Return the approval; 404 when there is none that this person may see, which must look the same."""
    approval = queries.get_approval(approval_id, current_account())
    if approval is None:
        abort(404)
    return approval
