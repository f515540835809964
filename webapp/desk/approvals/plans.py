"""What an approval is asked for with: its stages as somebody plans them, and what may be wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webapp.desk.approvals.outcomes import Rule
from webapp.languages.values.kind import N_

MOST_STAGES: Final = 10
MOST_APPROVERS: Final = 50


@dataclass(frozen=True)
class StagePlan:
    """One stage to come: who is asked, and how many of them have to approve."""

    approver_ids: tuple[int, ...]
    rule: Rule = Rule.ALL
    needed: int | None = None


class BadPlan(Exception):
    """An approval cannot be asked for so; ``message`` is English with ``%(name)s`` for ``facts``."""

    def __init__(self, message: str, **facts: Any) -> None:  # noqa: ANN401 - of the message
        super().__init__(message % facts)
        self.message = message
        self.facts = facts


def check_number_of_stages(number: int) -> None:
    """Raise BadPlan when so many stages are none, or too many."""
    if not 1 <= number <= MOST_STAGES:
        raise BadPlan(N_("An approval has from 1 to %(most)s stages."), most=MOST_STAGES)


def check_approvers(approver_ids: Sequence[int], initiator_id: int) -> None:
    """Raise BadPlan when these people cannot be asked together."""
    if not approver_ids:
        raise BadPlan(N_("Name at least one person who is asked."))
    if len(approver_ids) > MOST_APPROVERS:
        raise BadPlan(N_("A stage asks at most %(most)s people."), most=MOST_APPROVERS)
    if len(set(approver_ids)) < len(approver_ids):
        raise BadPlan(N_("Somebody is named twice in this stage."))
    if initiator_id in approver_ids:
        raise BadPlan(N_("Who asks for an approval cannot approve it. Name somebody else."))


def check_needed(plan: StagePlan) -> None:
    """Raise BadPlan when the rule "some" says an impossible number."""
    if plan.rule is not Rule.SOME:
        return
    asked = len(plan.approver_ids)
    if plan.needed is None or not 1 <= plan.needed <= asked:
        raise BadPlan(N_("Type a number from 1 to %(most)s: so many people are asked."), most=asked)


def check_plan(stages: Sequence[StagePlan], initiator_id: int, active_ids: Collection[int]) -> None:
    """Raise BadPlan when an approval cannot be asked for with these stages."""
    check_number_of_stages(len(stages))
    for stage in stages:
        check_approvers(stage.approver_ids, initiator_id)
        check_needed(stage)
        if not set(stage.approver_ids) <= set(active_ids):
            raise BadPlan(N_("Only people with an active account can be asked."))
