"""What the panel of an approval's card shows: its stages in words, and the forms of whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.desk.approvals import permissions, queries
from webapp.desk.approvals.forms.card_forms import RecallForm, ReplacementForm, VoteForm
from webapp.desk.approvals.models import OPEN, WAITING, ApprovalStage, Approver
from webapp.desk.approvals.outcomes import Outcome, Rule
from webapp.desk.records.models import Record
from webapp.desk.records.views.blueprint import page_reader
from webapp.people.accounts.rights import current_account

#: Colour and drawing of each state.
LOOKS = {
    WAITING: ("neutral", "dots"),
    OPEN: ("info", "clock"),
    Outcome.APPROVED.value: ("success", "check"),
    Outcome.REJECTED.value: ("danger", "x"),
    Outcome.RECALLED.value: ("neutral", "undo"),
}


@dataclass(frozen=True)
class ShownStage:
    """A stage with its words."""

    stage: ApprovalStage
    rule: str
    tone: str
    icon: str
    word: str
    progress: str
    replacement_form: ReplacementForm | None

    @property
    def pips(self) -> list[str]:
        """One mark for each person: approvals first, then rejections, then the votes that are missing."""
        stage = self.stage
        return ["yes"] * stage.approved + ["no"] * stage.rejected + ["open"] * len(stage.missing)

    def word_of(self, approver: Approver) -> tuple[str, str, str]:
        """Return colour, drawing and word for how the person stands to the question."""
        if approver.vote is not None:
            is_approval = approver.vote.is_approval
            return ("success", "check", _("Approved")) if is_approval else ("danger", "x", _("Rejected"))
        if not approver.account.is_active and not self.stage.outcome:
            return "warning", "alert", _("Deactivated")
        words = {OPEN: _("Has not voted yet"), WAITING: _("Will be asked")}
        return "neutral", "dots", words.get(self.stage.state, _("Did not vote"))


def panel(approval: Record, **forms: Any) -> dict[str, Any]:  # noqa: ANN401 - forms with their errors
    """Return what desk/approvals/_panel.html needs; ``forms`` replace the empty ones to show their errors."""
    account, stages = current_account(), queries.list_stages(approval.id)
    can_replace = permissions.can_replace(approval, account)
    refused: ReplacementForm | None = forms.pop("replacement_form", None)
    shown = [_shown(stage, approval, can_replace=can_replace, refused=refused) for stage in stages]
    my_stage = permissions.stage_to_vote_in(approval, stages, account)
    return {
        "record": approval,
        "stages": shown,
        "my_stage": my_stage,
        "absent": _absent(stages) if queries.is_pending(approval) else [],
        "can_recall": permissions.can_recall(approval, account),
        "vote_form": VoteForm(),
        "recall_form": RecallForm(),
        "vote_error": "",
        **forms,
    }


def _shown(
    stage: ApprovalStage, approval: Record, *, can_replace: bool, refused: ReplacementForm | None
) -> ShownStage:
    tone, icon = LOOKS[stage.state]
    form = None
    if can_replace and stage.outcome is None and stage.missing:
        is_refused = refused is not None and refused.number == stage.number
        form = refused if is_refused else ReplacementForm(stage, current_account(), page_reader())
    word = _state_word(stage, approval)
    return ShownStage(stage, _rule_words(stage), tone, icon, word, _progress(stage), form)


def _state_word(stage: ApprovalStage, approval: Record) -> str:
    waits = _("Waits for the stage before") if queries.is_pending(approval) else _("Was not needed")
    words = {
        WAITING: waits,
        OPEN: _("Votes are awaited"),
        Outcome.APPROVED.value: _("Approved"),
        Outcome.REJECTED.value: _("Rejected"),
        Outcome.RECALLED.value: _("Recalled"),
    }
    return str(words[stage.state])


def _rule_words(stage: ApprovalStage) -> str:
    asked, needed = len(stage.approvers), stage.approvals_needed
    words = {
        Rule.ALL.value: _("Everybody has to approve"),
        Rule.ANY.value: _("One approval is enough"),
        Rule.SOME.value: _("%(needed)s of %(asked)s have to approve", needed=needed, asked=asked),
    }
    return str(_("One person decides") if asked == 1 else words[stage.rule])


def _progress(stage: ApprovalStage) -> str:
    votes = _("%(approved)s for, %(rejected)s against", approved=stage.approved, rejected=stage.rejected)
    left = stage.approvals_needed - stage.approved
    missing = ngettext("%(num)d approval is missing", "%(num)d approvals are missing", left)
    return f"{votes}; {missing}" if stage.is_open else str(votes)


def _absent(stages: list[ApprovalStage]) -> list[str]:
    """Return the names of those whose votes can never come: their accounts are deactivated."""
    undecided = [stage for stage in stages if stage.outcome is None]
    missing = [each.account for stage in undecided for each in stage.missing]
    return sorted({account.name for account in missing if not account.is_active})
