"""Asking for approvals, voting, recalling, replacing an approver. Each makes one event and never commits.

What a vote comes to is computed under the lock of the approval's row, which ``recording`` takes first: of two
last votes at once the second sees the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.approvals import parts, queries
from webapp.desk.approvals.models import ApprovalStage, Approver, Vote
from webapp.desk.approvals.outcomes import Outcome
from webapp.desk.approvals.plans import BadPlan, StagePlan, check_plan
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import services as records
from webapp.desk.records.changes import Recording, recording
from webapp.desk.records.comments import write_comment
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.languages.values.kind import N_
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account


class NotOpen(Exception):
    """The stage takes no votes: it was decided, recalled, or is not open yet."""


class NotAsked(Exception):
    """The account is not among those whom the stage asks."""


class AlreadyVoted(Exception):
    """The account voted otherwise in this stage; a vote is never changed."""


class ReasonNeeded(Exception):
    """A rejection and a recall say why."""


def request_approval(
    values: Mapping[str, Any],
    stages: Sequence[StagePlan],
    *,
    author: Account,
    nonce: str | None = None,
    cause: Event | None = None,
) -> Record:
    """Register an approval and ask the people of its first stage. Announces ``record.created``.

    The same ``nonce`` of the same author gives the approval that it made before. Raises BadPlan.
    """
    template = get_template(queries.TEMPLATE)
    if template is None:
        raise LookupError("the built-in template of approvals is missing")
    asked = accounts.accounts_by_ids({each for stage in stages for each in stage.approver_ids})
    check_plan(stages, author.id, {each.id for each in asked.values() if each.is_active})
    check_deadline(values.get("deadline"))
    data = {"stage_opened": 1, "stages": len(stages), "approvers": sorted(stages[0].approver_ids)}
    record = records.create_record(template, values, author=author, data=data, nonce=nonce, cause=cause)
    if queries.is_approval(record) and not queries.list_stages(record.id):
        _write_stages(record, stages)
    return record


def check_deadline(deadline: datetime | None) -> None:
    """Raise BadPlan when it is too late to decide until then."""
    if deadline is not None and deadline <= now():
        raise BadPlan(N_("This moment has passed. Choose one that is still to come, or leave it empty."))


def vote(  # noqa: PLR0913 - by name but for the first two
    approval: Record,
    stage_number: int,
    *,
    is_approval: bool,
    account: Account,
    comment: str | None = None,
    cause: Event | None = None,
) -> None:
    """Count the account's vote, and carry out what it decides: the next stage, or the end.

    Announces ``record.voted``, or ``record.changed`` when the approval ends. The same vote twice counts once.
    Raises NotAsked, AlreadyVoted, NotOpen, ReasonNeeded.
    """
    with recording(approval, account, cause=cause) as change:
        stages = queries.list_stages(approval.id)
        approver = _approver(stages, stage_number, account)
        if approver.vote is not None and approver.vote.is_approval == is_approval:
            return
        stage = _open_stage(approval, stages, stage_number)
        if approver.vote is not None:
            raise AlreadyVoted(stage_number)
        if not is_approval and not comment:
            raise ReasonNeeded
        comment_id = _comment(change, comment, account) if comment else None
        approver.vote = Vote(is_approval=is_approval, comment_id=comment_id, voted_at=now())
        change.data["vote"] = _tally(stage, account, is_approval=is_approval)
        parts.await_no_vote(approval, account.id)
        _settle(change, stages, stage)


def recall(approval: Record, *, actor: Account, comment: str, cause: Event | None = None) -> None:
    """Take the question back. Announces ``record.changed``. Raises NotOpen, ReasonNeeded."""
    with recording(approval, actor, cause=cause) as change:
        stage = _open_stage(approval, queries.list_stages(approval.id))
        if not comment:
            raise ReasonNeeded
        _comment(change, comment, actor)
        change.data["approvers"] = [each.account_id for each in stage.missing]
        _decide(stage, Outcome.RECALLED)
        _end(change, Outcome.RECALLED)


def replace_approver(  # noqa: PLR0913 - by name but for the first two
    approval: Record,
    stage_number: int,
    *,
    before: Account,
    after: Account,
    actor: Account,
    cause: Event | None = None,
) -> None:
    """Ask somebody else in a stage that is not decided. Announces ``record.approver_replaced``.

    Raises NotOpen, NotAsked, AlreadyVoted and BadPlan.
    """
    with recording(approval, actor, cause=cause) as change:
        stages = queries.list_stages(approval.id)
        approver = _approver(stages, stage_number, before)
        stage = stages[stage_number - 1]
        if not queries.is_pending(approval) or stage.outcome is not None:
            raise NotOpen(stage_number)
        if approver.vote is not None:
            raise AlreadyVoted(stage_number)
        _check_replacement(approval, stage, after, actor)
        stage.approvers.remove(approver)
        stage.approvers.append(Approver(account_id=after.id))
        db.session.flush()
        parts.dismiss_approver(approval, before.id)
        parts.name_approvers(approval, [after.id])
        change.data["replaced"] = {"stage": stage_number, "before": before.id, "after": after.id}
        if stage.is_open:
            parts.await_no_vote(approval, before.id)
            parts.await_votes(approval, [after.id])
            change.data |= {"approvers": [after.id], "stages": len(stages)}


def _write_stages(record: Record, plans: Sequence[StagePlan]) -> None:
    for number, plan in enumerate(plans, 1):
        people = [Approver(account_id=each) for each in plan.approver_ids]
        stage = ApprovalStage(
            approval_id=record.id, number=number, rule=plan.rule.value, needed=plan.needed, approvers=people
        )
        stage.opened_at = now() if number == 1 else None
        db.session.add(stage)
    db.session.flush()
    parts.name_approvers(record, {each for plan in plans for each in plan.approver_ids})
    parts.await_votes(record, plans[0].approver_ids)


def _approver(stages: list[ApprovalStage], number: int, account: Account) -> Approver:
    stage = next((each for each in stages if each.number == number), None)
    approver = stage.approver(account.id) if stage else None
    if approver is None:
        raise NotAsked(number)
    return approver


def _open_stage(approval: Record, stages: list[ApprovalStage], number: int | None = None) -> ApprovalStage:
    stage = queries.open_stage(stages)
    if stage is None or not queries.is_pending(approval) or number not in {None, stage.number}:
        raise NotOpen(number)
    return stage


def _comment(change: Recording, body: str, author: Account) -> int:
    change.data["comment"] = write_comment(change.record, body, author, is_internal=False)
    return int(change.data["comment"]["id"])


def _tally(stage: ApprovalStage, account: Account, *, is_approval: bool) -> dict[str, Any]:
    """Return the vote as the event keeps it, with how the stage stands after it."""
    return {
        "stage": stage.number,
        "account_id": account.id,
        "is_approval": is_approval,
        "approved": stage.approved,
        "rejected": stage.rejected,
        "asked": len(stage.approvers),
        "needed": stage.approvals_needed,
    }


def _settle(change: Recording, stages: list[ApprovalStage], stage: ApprovalStage) -> None:
    """Carry out what the votes of the open stage come to, if anything."""
    verdict = stage.verdict
    change.data["stages"] = len(stages)
    if verdict is None:
        return
    _decide(stage, verdict)
    following = stages[stage.number] if stage.number < len(stages) else None
    if verdict is Outcome.APPROVED and following is not None:
        _open(change, following)
    else:
        _end(change, verdict)


def _decide(stage: ApprovalStage, outcome: Outcome) -> None:
    stage.outcome, stage.decided_at = outcome.value, now()


def _open(change: Recording, stage: ApprovalStage) -> None:
    stage.opened_at = now()
    asked = [each.account_id for each in stage.approvers]
    parts.await_no_vote(change.record)
    parts.await_votes(change.record, asked)
    change.data |= {"stage_opened": stage.number, "approvers": asked}


def _end(change: Recording, outcome: Outcome) -> None:
    status = change.record.template.status(outcome.value)
    change.record.status_id, change.record.status = status.id, status
    change.data["outcome"] = outcome.value
    parts.await_no_vote(change.record)


def _check_replacement(approval: Record, stage: ApprovalStage, after: Account, actor: Account) -> None:
    if not after.is_active:
        raise BadPlan(N_("Only people with an active account can be asked."))
    if after.id == approval.author_id:
        raise BadPlan(N_("Who asks for an approval cannot approve it. Name somebody else."))
    if after.id == actor.id:
        raise BadPlan(N_("Nobody can put themselves in place of an approver. Ask somebody else to do it."))
    if stage.approver(after.id) is not None:
        raise BadPlan(N_("They are asked in this stage already. Name somebody else."))
