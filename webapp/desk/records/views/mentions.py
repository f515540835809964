"""While somebody writes a comment: whom it can mention, who would be told, and who cannot see the record."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.db import db, reading
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.desk.records import mentions as reading_mentions
from webapp.desk.records import permissions, services
from webapp.desk.records.forms.card_forms import INTERNAL, PUBLIC, CommentForm
from webapp.desk.records.models import Record
from webapp.desk.records.views.actions import FACTS, OBSERVERS, Page
from webapp.desk.records.views.blueprint import bp, load_record
from webapp.desk.records.views.card import frame
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.rights import current_account, require, signed_in, staff_only

LONGEST_TYPED = 100
LONGEST_ID = 18


@bp.get("/records/<int:record_id>/mentions")
@signed_in
def mentions(record_id: int) -> str:
    """Offer whom a comment can mention while a part of the name is typed."""
    record, account = load_record(record_id), current_account()
    is_internal = _is_internal(request.args.get("audience"))
    require(permissions.can_comment(record, account))
    typed = request.args.get("typed", "")[:LONGEST_TYPED]
    offered = reading_mentions.offer(record, account, typed, is_internal=is_internal)
    return render_template("desk/records/_mention_options.html", offered=offered)


@bp.post("/records/<int:record_id>/comments/preview")
@signed_in
def preview_comment(record_id: int) -> str:
    """Show who would be told of what is typed so far. Nothing is changed."""
    db.session.rollback()  # what comes only reads, and must not keep others from writing
    with reading():
        record = load_record(record_id)
        require(permissions.can_comment(record, current_account()))
        return render_template("desk/records/_mention_pieces.html", pieces=(), **_typed(record))


@bp.post("/records/<int:record_id>/subscribers")
@staff_only
def subscribe_other(record_id: int) -> Page:
    """Let somebody else hear of the record and see it."""
    record = load_record(record_id)
    number = request.form.get("account_id", "")
    is_number = number.isascii() and number.isdecimal() and len(number) <= LONGEST_ID
    account = accounts.get_account(int(number)) if is_number else None
    if account is None or not account.is_active:
        abort(400)
    services.subscribe(record, account, actor=current_account())
    db.session.commit()
    toast(_("%(name)s is subscribed now.", name=account.name))
    if not is_htmx():
        return redirect(url_for(".show", record_id=record.id))
    context = {**frame(record, tab="comments"), **_typed(record)}
    return render_template("desk/records/_mention_pieces.html", pieces=(OBSERVERS, FACTS), **context)


def _typed(record: Record) -> dict[str, Any]:
    """Return what the pieces beside the comment box say of the comment that is typed there."""
    body = CommentForm(request.form).body.data or ""
    can_see_internal = permissions.can_see_internal(current_account())
    is_internal = can_see_internal and request.form.get("audience") == INTERNAL
    return {
        "record": record,
        "body": body,
        "is_beside": True,
        "is_internal": is_internal,
        "audiences": (PUBLIC, INTERNAL) if can_see_internal else (PUBLIC,),
        "found": reading_mentions.read_mentions(body, record, current_account(), is_internal=is_internal),
    }


def _is_internal(audience: str | None) -> bool:
    is_internal = audience == INTERNAL
    require(not is_internal or permissions.can_see_internal(current_account()))
    return is_internal
