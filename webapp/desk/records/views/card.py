"""The card of a record: the frame that every tab shares, its comments and its history."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.core import config
from webapp.core.htmx import redirect
from webapp.desk.record_templates.models import Attribute
from webapp.desk.records import history as histories
from webapp.desk.records import permissions, queries
from webapp.desk.records.children import Children, children_of
from webapp.desk.records.forms.card_forms import AssignForm, CommentForm, MoveForm
from webapp.desk.records.forms.file_forms import FileForm
from webapp.desk.records.models import Record
from webapp.desk.records.shown import Names
from webapp.desk.records.views.blueprint import bp, load_record, page_reader
from webapp.languages.values import Reader
from webapp.people.accounts.rights import current_account, signed_in

#: Shown elsewhere on the card than among its facts.
ELSEWHERE = frozenset({"title", "assignee_id", "team_id", "requester_id", "author_id"})


@bp.get("/records/<int:record_id>")
@signed_in
def show(record_id: int) -> str:
    """Show the card with its comments."""
    return render_template("desk/records/show.html", **frame(load_record(record_id), tab="comments"))


@bp.get("/records/<int:record_id>/history")
@signed_in
def history(record_id: int) -> str:
    """Show what happened to the record, newest first."""
    record = load_record(record_id)
    with_internal = permissions.can_see_internal(current_account())
    page = queries.page_of_history(record.id, request.args.get("cursor"), with_internal=with_internal)
    entries = histories.entries_of(record, page.rows, page_reader(), with_internal=with_internal)
    return render_template(
        "desk/records/history.html", page=page, entries=entries, **frame(record, tab="history")
    )


@bp.get("/go/record/<int:record_id>")
@signed_in
def go(record_id: int) -> Response:
    """Lead a link from a message to the card."""
    return redirect(url_for(".show", record_id=load_record(record_id).id))


def _is_elsewhere(attribute: Attribute) -> bool:
    """Deadlines have a box of their own, which shows what is left."""
    return attribute.column_name in ELSEWHERE or bool(attribute.options.get("deadline"))


def frame(record: Record, *, tab: str, **forms: Any) -> dict[str, Any]:  # noqa: ANN401 - forms with their errors
    """Return what desk/records/card.html needs, for a page of any package that is a tab of the card.

    ``forms`` (``move_form``, ``comment_form``, ``assign_form``, ``file_form``) replace the empty ones to
    show their errors.
    """
    account = current_account()
    can_see_internal = permissions.can_see_internal(account)
    can_assign = permissions.can_assign(record, account)
    reader, children = page_reader(), children_of(record, account)
    _load_names(reader, children)
    return {
        "record": record,
        "template": record.template,
        "tab": tab,
        "reader": reader,
        "children": children,
        "moves": permissions.allowed_moves(record, account),
        "facts": [each for each in record.template.live_attributes if not _is_elsewhere(each)],
        "can_edit": permissions.can_edit(record, account),
        "can_comment": permissions.can_comment(record, account),
        "can_assign": can_assign,
        "can_see_internal": can_see_internal,
        "comments": queries.list_comments(record.id, with_internal=can_see_internal)
        if tab == "comments"
        else [],
        "comment_count": queries.count_comments(record.id, with_internal=can_see_internal),
        "file_count": queries.count_files(record.id, with_internal=can_see_internal),
        "can_attach": permissions.can_attach(record, account),
        "limits": config.current(),
        "observers": queries.people_of(record.id, "observer"),
        "is_subscribed": queries.is_subscribed(record.id, account),
        "comment_form": CommentForm(),
        "move_form": MoveForm(),
        "file_form": FileForm(),
        "assign_form": AssignForm.of(record) if can_assign else None,
        **forms,
    }


def _load_names(reader: Reader, children: list[Children]) -> None:
    """Read the names of everything that the lists of children link to at once, not one by one."""
    if isinstance(reader.name_of, Names):
        for each in children:
            reader.name_of.load_for(each.rows, each.columns)
