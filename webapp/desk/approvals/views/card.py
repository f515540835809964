"""What people do on an approval's card: vote, recall, ask somebody else. Nothing happens by a GET."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from webapp.core.db import db
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.core.slots import slot
from webapp.desk.approvals import permissions, queries, services
from webapp.desk.approvals.forms.card_forms import RecallForm, ReplacementForm, VoteForm, stage_number
from webapp.desk.approvals.models import ApprovalStage
from webapp.desk.approvals.plans import BadPlan
from webapp.desk.approvals.views.blueprint import bp, load_approval
from webapp.desk.approvals.views.panel import panel
from webapp.desk.records.models import Record
from webapp.desk.records.views.blueprint import page_reader
from webapp.desk.records.views.card import frame
from webapp.people.accounts.rights import current_account, require, signed_in, staff_only

Page = str | tuple[str, int] | Answer | Response
PANEL = "desk/approvals/_panel.html"
#: The pieces of the card that a vote or a recall may change beside the panel.
PIECES = (
    PANEL,
    "desk/records/_status_panel.html",
    "desk/records/_facts.html",
    "desk/records/_comments.html",
)


@slot("record.main", order=20)
def stages_and_votes(record: Record, tab: str, **_context: object) -> Markup | None:
    """Show who is asked, who voted how, and the buttons for whoever is waited for."""
    if not queries.is_approval(record):
        return None
    return Markup(render_template(PANEL, tab=tab, **panel(record)))  # noqa: S704 - our own template, which escapes


@bp.post("/approvals/<int:approval_id>/votes")
@signed_in
def vote(approval_id: int) -> Page:
    """Approve or reject."""
    approval, account = load_approval(approval_id), current_account()
    require(permissions.is_asked(queries.list_stages(approval.id), account))
    form = VoteForm(request.form)
    if not form.validate():
        return _refused(approval, vote_form=form)
    number, comment = form.stage_number, form.comment.data
    try:
        services.vote(approval, number, is_approval=form.is_approval, account=account, comment=comment)
    except services.ReasonNeeded:
        form.comment.errors = [_("Say why: the others will read it.")]
        return _refused(approval, vote_form=form)
    except (services.NotOpen, services.NotAsked, services.AlreadyVoted) as error:
        return _refused(approval, vote_error=_came_too_late(error), vote_form=form)
    db.session.commit()
    return _done(approval, _("Your vote is counted."))


@bp.post("/approvals/<int:approval_id>/recall")
@signed_in
def recall(approval_id: int) -> Page:
    """Take the question back."""
    approval, account = load_approval(approval_id), current_account()
    require(permissions.has_part_in_recall(approval, account))
    form = RecallForm(request.form)
    if not form.validate():
        return _refused(approval, recall_form=form)
    try:
        services.recall(approval, actor=account, comment=form.reason.data or "")
    except services.NotOpen as error:
        return _refused(approval, vote_error=_came_too_late(error))
    db.session.commit()
    return _done(approval, _("The approval is recalled."))


@bp.post("/approvals/<int:approval_id>/replacements")
@staff_only
def replace(approval_id: int) -> Page:
    """Ask somebody else in place of an approver who has not voted."""
    approval, account = load_approval(approval_id), current_account()
    stage = _stage(approval, request.form.get("stage"))
    if stage is None:
        return _refused(approval, vote_error=_("Load the page again and choose there."))
    form = ReplacementForm(stage, account, page_reader(), request.form)
    if not form.validate():
        return _refused(approval, replacement_form=form)
    before, after = form.asked_now, form.asked_instead
    try:
        services.replace_approver(approval, stage.number, before=before, after=after, actor=account)
    except BadPlan as error:
        form["after"].errors = [_(error.message, **error.facts)]
        return _refused(approval, replacement_form=form)
    except (services.NotOpen, services.NotAsked, services.AlreadyVoted) as error:
        return _refused(approval, vote_error=_came_too_late(error))
    db.session.commit()
    return _done(approval, _("%(name)s is asked now.", name=after.name))


def _stage(approval: Record, typed: str | None) -> ApprovalStage | None:
    number = stage_number(typed)
    return next((each for each in queries.list_stages(approval.id) if each.number == number), None)


def _came_too_late(error: Exception) -> str:
    if isinstance(error, services.AlreadyVoted):
        return str(_("This vote was cast already, and a vote is not changed."))
    if isinstance(error, services.NotAsked):
        return str(_("Somebody else is asked here now."))
    return str(_("No votes are awaited here now: it was decided or recalled meanwhile."))


def _done(approval: Record, words: str) -> Page:
    toast(words)
    if not is_htmx():
        return redirect(url_for("records.show", record_id=approval.id))
    context = {**frame(approval, tab="comments"), **panel(approval)}
    return render_template(
        "desk/records/_pieces.html", is_beside=True, pieces=PIECES, audiences=(), **context
    )


def _refused(approval: Record, **forms: Any) -> Page:  # noqa: ANN401 - forms with their errors
    """Show what is wrong: in the panel for htmx, otherwise on the whole card; typed text stays."""
    db.session.rollback()
    page = PANEL if is_htmx() else "desk/approvals/show.html"
    context = {**frame(approval, tab="comments"), **panel(approval, **forms)}
    return render_template(page, is_beside=is_htmx(), **context), 422
