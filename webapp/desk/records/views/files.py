"""The files of a record: their tab, adding, removing, and answering one so that nothing in it runs."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from flask import Response, abort, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer
from werkzeug.wsgi import FileWrapper

from webapp.core.db import db
from webapp.core.form_size import takes_files
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.desk.records import permissions, queries, record_files, uploads
from webapp.desk.records.forms.file_forms import FileForm, sent_form
from webapp.desk.records.models import Record, RecordFile
from webapp.desk.records.uploads import Batch
from webapp.desk.records.views.blueprint import bp, load_record, receive_files
from webapp.desk.records.views.card import frame
from webapp.files import queries as stored_files
from webapp.files import store
from webapp.files.media_types import UNKNOWN
from webapp.files.store import PIECE, ContentMissing, StoreUnavailable
from webapp.mail.outgoing.file_names import ascii_file_name
from webapp.people.accounts.rights import current_account, require, signed_in

Page = str | tuple[str, int] | Answer | Response

LIST = "desk/records/_file_list.html"
RESULTS = "desk/records/_file_results.html"
#: What may be called by its name when it is fetched; the rest is just octets.
PLAIN_TYPES: Final = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"}
)
#: Whatever the file holds and however it is opened: no script, no form, nothing from anywhere.
FILE_POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'none'; form-action 'none'"


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Refuse to start with a store that cannot be used, rather than to lose what people send."""
    store.require_driver(state.app.config["VESTNIK"].files_place)


@bp.get("/records/<int:record_id>/files")
@signed_in
def files(record_id: int) -> str:
    """Show the files of the record and of its comments."""
    return _page(load_record(record_id))


@bp.post("/records/<int:record_id>/files")
@signed_in
@takes_files
def attach_files(record_id: int) -> Page:
    """Add files: those that are refused are told with the reason, the others are kept."""
    record, account = load_record(record_id), current_account()
    require(permissions.can_attach(record, account))
    form = FileForm(sent_form())
    require(not form.is_internal.data or permissions.can_see_internal(account))
    if not form.validate():
        return _page(record, file_form=form), 422
    batch = _attach(record, form, receive_files(form.files, record))
    db.session.commit()
    return _result(record, batch)


@bp.get("/records/<int:record_id>/files/<int:file_id>/<file_name>")
@signed_in
def download(record_id: int, file_id: int, file_name: str) -> Page:
    """Answer the file as something to be stored, never as something to be shown."""
    record, file = _load_file(record_id, file_id)
    if file.name != file_name or file.stored is None:
        abort(404)
    try:
        content = stored_files.open_file(file.stored)
    except ContentMissing:
        return _page(record, missing=file, is_gone=True), 410
    except StoreUnavailable:
        return _page(record, missing=file, is_gone=False), 503
    response = Response(FileWrapper(content, PIECE), direct_passthrough=True)
    _set_headers(response, file)
    return response.make_conditional(request, accept_ranges=True, complete_length=file.octets)


@bp.post("/records/<int:record_id>/files/<int:file_id>/remove")
@signed_in
def remove_file(record_id: int, file_id: int) -> Page:
    """Take a file away; the history keeps that it was there."""
    record, file = _load_file(record_id, file_id)
    require(permissions.can_remove(file, current_account()))
    record_files.remove(file, record=record, actor=current_account())
    db.session.commit()
    toast(_("“%(name)s” is removed.", name=file.name))
    return _pieces(record) if is_htmx() else redirect(url_for(".files", record_id=record.id))


def _load_file(record_id: int, file_id: int) -> tuple[Record, RecordFile]:
    """Return the record and its file; 404 also when this person may not see one of them."""
    record = load_record(record_id)
    may_see = permissions.can_see_internal(current_account())
    file = queries.get_file(record.id, file_id, with_internal=may_see)
    return record, file or abort(404)


def _attach(record: Record, form: FileForm, batch: Batch) -> Batch:
    try:
        record_files.attach(
            record,
            batch.accepted,
            author=current_account(),
            is_internal=bool(form.is_internal.data),
            nonce=form.nonce.data,
        )
    except record_files.TooManyFiles:
        db.session.rollback()
        return uploads.too_many(batch)
    return batch


def _set_headers(response: Response, file: RecordFile) -> None:
    is_plain = file.stored is not None and file.stored.media_type in PLAIN_TYPES
    response.headers["Content-Type"] = file.stored.media_type if file.stored and is_plain else UNKNOWN
    response.headers["Content-Disposition"] = _disposition(file.name)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    response.content_length = file.octets
    response.set_etag(file.stored.sha256 if file.stored else "")


def _disposition(name: str) -> str:
    """RFC 6266: the name in full, and one in ASCII for programs that do not know how to read that."""
    return f"attachment; filename=\"{ascii_file_name(name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def _page(record: Record, **context: Any) -> str:  # noqa: ANN401 - what the tab shows besides
    listed = queries.list_files(record.id, with_internal=permissions.can_see_internal(current_account()))
    shown = {"is_beside": False, "batch": Batch(), **context}
    return render_template("desk/records/files.html", files=listed, **{**frame(record, tab="files"), **shown})


def _result(record: Record, batch: Batch) -> Page:
    status = 422 if batch.refused else 200
    if is_htmx():
        return _pieces(record, batch, RESULTS), status
    if batch.refused:
        return _page(record, batch=batch), status
    toast(ngettext("%(num)d file is added.", "%(num)d files are added.", len(batch.accepted)))
    return redirect(url_for(".files", record_id=record.id))


def _pieces(record: Record, batch: Batch | None = None, *more: str) -> str:
    """Return the pieces of the card that changed, each for its own place."""
    context = {"is_beside": True, "batch": batch, "pieces": (LIST, *more), **frame(record, tab="files")}
    listed = queries.list_files(record.id, with_internal=permissions.can_see_internal(current_account()))
    return render_template("desk/records/_pieces.html", files=listed, audiences=(), **context)
