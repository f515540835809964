"""What people do on a card: move, assign, comment, subscribe. With htmx the changed pieces come back."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webapp.core.db import db
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.core.locales import page_language
from webapp.desk.records import permissions, queries, services
from webapp.desk.records.forms.card_forms import AssignForm, CommentForm, MoveForm
from webapp.desk.records.models import Record
from webapp.desk.records.views.blueprint import bp, load_record
from webapp.desk.records.views.card import frame
from webapp.people.accounts.rights import current_account, require, signed_in

Page = str | tuple[str, int] | Answer | Response


@bp.post("/records/<int:record_id>/status")
@signed_in
def change_status(record_id: int) -> Page:
    """Move the record along an allowed move."""
    record, account = load_record(record_id), current_account()
    form = MoveForm(request.form)
    if not form.validate():
        return _refused(record, "desk/records/_status_panel.html", move_form=form)
    try:
        services.change_status(record, form.status.data or "", actor=account, comment=form.comment.data)
    except services.CommentNeeded:
        form.comment.errors = [_("Say why: the others will read it.")]
        return _refused(record, "desk/records/_status_panel.html", move_form=form)
    except services.InvalidMove:
        form.status.errors = [
            _("This move is not possible: the status changed meanwhile, or the move is not yours.")
        ]
        return _refused(record, "desk/records/_status_panel.html", move_form=form)
    db.session.commit()
    status = record.status.label(page_language()) if record.status else ""
    return _done(record, _("#%(number)s: %(status)s.", number=record.id, status=status))


@bp.post("/records/<int:record_id>/assignment")
@signed_in
def assign(record_id: int) -> Page:
    """Set who answers for the record."""
    record, account = load_record(record_id), current_account()
    require(permissions.can_assign(record, account))
    form = AssignForm.of(record, request.form)
    if not form.validate():
        return _refused(record, "desk/records/_people_panel.html", assign_form=form)
    services.assign(record, assignee=form.chosen_assignee, team=form.chosen_team, actor=account)
    db.session.commit()
    return _done(record, _("Saved."))


@bp.post("/records/<int:record_id>/comments")
@signed_in
def add_comment(record_id: int) -> Page:
    """Write a comment."""
    record, account = load_record(record_id), current_account()
    require(permissions.can_comment(record, account))
    form = CommentForm(request.form)
    require(not form.is_internal or permissions.can_see_internal(account))
    if not form.validate():
        return _refused(record, "desk/records/_thread.html", comment_form=form)
    services.add_comment(
        record, form.body.data or "", author=account, is_internal=form.is_internal, nonce=form.nonce.data
    )
    db.session.commit()
    return _done(record, _("Your comment is there."))


@bp.post("/records/<int:record_id>/subscription")
@signed_in
def subscribe(record_id: int) -> Page:
    """Hear of the record from now on."""
    record, account = load_record(record_id), current_account()
    services.subscribe(record, account, actor=account)
    db.session.commit()
    return _done(record, _("You will hear of #%(number)s.", number=record.id))


@bp.post("/records/<int:record_id>/subscription/end")
@signed_in
def unsubscribe(record_id: int) -> Page:
    """Hear of the record no more, unless by another part in it."""
    record, account = load_record(record_id), current_account()
    template_name = record.template.system_name
    services.unsubscribe(record, account, actor=account)
    db.session.commit()
    if queries.get_record(record_id, account) is None:
        toast(_("You are not subscribed any more, and it was all you had to do with this record."))
        return redirect(url_for(".index", template_name=template_name))
    return _done(record, _("You are not subscribed any more."))


def _done(record: Record, words: str) -> Page:
    toast(words)
    if not is_htmx():
        return redirect(url_for(".show", record_id=record.id))
    return render_template("desk/records/_pieces.html", is_beside=True, **frame(record, tab="comments"))


def _refused(record: Record, partial: str, **form: object) -> Page:
    """Show what is wrong: in its piece for htmx, otherwise on the whole card; typed text stays."""
    db.session.rollback()
    page = partial if is_htmx() else "desk/records/show.html"
    return render_template(page, is_beside=is_htmx(), **frame(record, tab="comments", **form)), 422
