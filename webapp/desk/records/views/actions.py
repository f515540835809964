"""What people do on a card: move, assign, comment, subscribe.

With htmx the pieces of the card that changed come back, and no form but the one that was sent: what is typed
in another is nowhere else.
"""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webapp.core.db import db
from webapp.core.form_size import takes_files
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.core.locales import page_language
from webapp.desk.record_templates.models import Move
from webapp.desk.records import permissions, queries, record_files, services, uploads
from webapp.desk.records.forms.card_forms import INTERNAL, PUBLIC, AssignForm, CommentForm, MoveForm
from webapp.desk.records.forms.file_forms import sent_form
from webapp.desk.records.mentions import read_mentions
from webapp.desk.records.models import Record
from webapp.desk.records.views.blueprint import bp, load_record, receive_files
from webapp.desk.records.views.card import frame
from webapp.people.accounts.rights import current_account, require, signed_in

Page = str | tuple[str, int] | Answer | Response

STATUS = "desk/records/_status_panel.html"
PEOPLE = "desk/records/_people_panel.html"
OBSERVERS = "desk/records/_observers.html"
FACTS = "desk/records/_facts.html"
COMMENTS = "desk/records/_comments.html"
COMMENT_FORM = "desk/records/_comment_form.html"


@bp.post("/records/<int:record_id>/status")
@signed_in
def change_status(record_id: int) -> Page:
    """Move the record along an allowed move."""
    record, account = load_record(record_id), current_account()
    form = MoveForm(request.form)
    if not form.validate():
        return _refused(record, STATUS, move_form=form)
    try:
        services.change_status(record, form.status.data or "", actor=account, comment=form.comment.data)
    except services.CommentNeeded:
        form.comment.errors = [_("Say why: the others will read it.")]
        return _refused(record, STATUS, move_form=form)
    except services.InvalidMove:
        form.status.errors = [
            _("This move is not possible: the status changed meanwhile, or the move is not yours.")
        ]
        return _refused(record, STATUS, move_form=form)
    db.session.commit()
    status = record.status.label(page_language()) if record.status else ""
    words = _("#%(number)s: %(status)s.", number=record.id, status=status)
    return _done(record, words, STATUS, FACTS, COMMENTS)


@bp.post("/records/<int:record_id>/assignment")
@signed_in
def assign(record_id: int) -> Page:
    """Set who answers for the record."""
    record, account = load_record(record_id), current_account()
    require(permissions.can_assign(record, account))
    form = AssignForm.of(record, request.form)
    if not form.validate():
        return _refused(record, PEOPLE, assign_form=form)
    moves, assignee, team = permissions.allowed_moves(record, account), form.chosen_assignee, form.chosen_team
    try:
        services.assign(record, assignee=assignee, team=team, actor=account, shown=form.shown)
    except services.EditConflict as conflict:
        db.session.rollback()
        columns = {record.template.attribute(name).column_name or "" for name in conflict.conflicts}
        form = form.after_conflict(record, columns)
        return _refused(record, PEOPLE, status=409, assign_form=form)
    db.session.commit()
    return _done(record, _("Saved."), PEOPLE, FACTS, *_moves_panel(record, moves))


@bp.post("/records/<int:record_id>/comments")
@signed_in
@takes_files
def add_comment(record_id: int) -> Page:
    """Write a comment with its files: with all of them, or not yet."""
    record, account = load_record(record_id), current_account()
    require(permissions.can_comment(record, account))
    form = CommentForm(sent_form())
    require(not form.is_internal or permissions.can_see_internal(account))
    if not form.validate() or not _comment(record, form):
        return _refused(record, COMMENT_FORM, comment_form=form)
    body = form.body.data or ""
    db.session.commit()
    if names := _not_told(record, body, is_internal=form.is_internal):
        toast(_("Not told, because they cannot see it: %(names)s.", names=", ".join(names)), "warning")
    return _done(record, _("Your comment is there."), COMMENTS, COMMENT_FORM, FACTS)


@bp.post("/records/<int:record_id>/subscription")
@signed_in
def subscribe(record_id: int) -> Page:
    """Hear of the record from now on."""
    record, account = load_record(record_id), current_account()
    moves = permissions.allowed_moves(record, account)
    services.subscribe(record, account, actor=account)
    db.session.commit()
    words = _("You will hear of #%(number)s.", number=record.id)
    return _done(record, words, OBSERVERS, FACTS, *_moves_panel(record, moves))


@bp.post("/records/<int:record_id>/subscription/end")
@signed_in
def unsubscribe(record_id: int) -> Page:
    """Hear of the record no more, unless by another part in it."""
    record, account = load_record(record_id), current_account()
    template_name, moves = record.template.system_name, permissions.allowed_moves(record, account)
    services.unsubscribe(record, account, actor=account)
    db.session.commit()
    if queries.get_record(record_id, account) is None:
        toast(_("You are not subscribed any more, and it was all you had to do with this record."))
        return redirect(url_for(".index", template_name=template_name))
    words = _("You are not subscribed any more.")
    return _done(record, words, OBSERVERS, FACTS, *_moves_panel(record, moves))


def _not_told(record: Record, body: str, *, is_internal: bool) -> list[str]:
    """Return whom the comment means and does not tell; staff alone may learn who has an account."""
    if not current_account().is_staff:
        return []
    found = read_mentions(body, record, current_account(), is_internal=is_internal)
    return [each.account.name for each in found.blind]


def _comment(record: Record, form: CommentForm) -> bool:
    """Write the comment with all its files; False when one is refused, which the form then says."""
    batch = receive_files(form.files, record)
    if not batch.refused:
        try:
            services.add_comment(
                record,
                form.body.data or "",
                author=current_account(),
                is_internal=form.is_internal,
                uploads=batch.accepted,
                nonce=form.nonce.data,
            )
        except record_files.TooManyFiles:
            batch = uploads.too_many(batch)
    form.files.complain(batch)
    return not batch.refused


def _moves_panel(record: Record, moves: list[Move]) -> tuple[str, ...]:
    """Return the piece with the moves when they are others than before: they may depend on people's parts."""
    return () if permissions.allowed_moves(record, current_account()) == moves else (STATUS,)


def _done(record: Record, words: str, *pieces: str) -> Page:
    toast(words)
    if not is_htmx():
        return redirect(url_for(".show", record_id=record.id))
    context = frame(record, tab="comments")
    shown_audiences = (PUBLIC, INTERNAL) if context["can_see_internal"] else (PUBLIC,)
    audiences = () if COMMENT_FORM in pieces or not context["can_comment"] else shown_audiences
    return render_template(
        "desk/records/_pieces.html", is_beside=True, pieces=pieces, audiences=audiences, **context
    )


def _refused(record: Record, piece: str, status: int = 422, **form: object) -> Page:
    """Show what is wrong: in its piece for htmx, otherwise on the whole card; typed text stays."""
    db.session.rollback()
    page = piece if is_htmx() else "desk/records/show.html"
    return render_template(page, is_beside=is_htmx(), **frame(record, tab="comments", **form)), status
