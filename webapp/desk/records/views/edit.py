"""The forms that make and change records, and what they offer while somebody types."""

from __future__ import annotations

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webapp.core.db import db
from webapp.core.form_size import takes_files
from webapp.core.htmx import redirect, toast
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.record_templates.queries import can_create
from webapp.desk.records import link_options, permissions, queries, services
from webapp.desk.records.forms.file_forms import FirstFiles, sent_form
from webapp.desk.records.forms.record_form import RecordForm
from webapp.desk.records.kept_in_step import Refused
from webapp.desk.records.models import Record
from webapp.desk.records.views.blueprint import (
    bp,
    load_record,
    load_template,
    page_reader,
    receive_files,
)
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account
from webapp.people.accounts.rights import current_account, require, signed_in

Page = str | tuple[str, int] | Answer | Response


@bp.route("/records/<template_name>/new", methods=["GET", "POST"])
@signed_in
@takes_files
def new(template_name: str) -> Page:
    """Make a record, maybe with files."""
    template, account, chosen = load_template(template_name), current_account(), FirstFiles(sent_form())
    require(can_create(template, account))
    if request.method == "GET":
        form = RecordForm(template, account, page_reader(), given=named_parent(template, account))
        return render_template("desk/records/new.html", form=form, template=template, chosen=chosen)
    form = RecordForm(template, account, page_reader(), typed=request.form)
    record = _register(template, form, chosen) if form.validate() else None
    if record is None:
        return render_template("desk/records/new.html", form=form, template=template, chosen=chosen), 422
    db.session.commit()
    toast(_("#%(number)s is registered.", number=record.id))
    return redirect(url_for(".show", record_id=record.id))


@bp.route("/records/<int:record_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(record_id: int) -> Page:
    """Change a record's attributes; what somebody else changed meanwhile is shown beside what was typed."""
    record, account = load_record(record_id), current_account()
    require(permissions.can_edit(record, account))
    if request.method == "GET":
        return _edit_page(RecordForm(record.template, account, page_reader(), record=record), record)
    form = RecordForm(record.template, account, page_reader(), record=record, typed=request.form)
    if not form.validate():
        return _edit_page(form, record), 422
    try:
        services.change_attributes(
            record, form.values, actor=account, version=form.version_seen, shown=form.values_seen
        )
    except (services.NotUnique, Refused) as error:
        _complain(form, error)
        db.session.rollback()
        return _edit_page(form, record), 422
    except services.EditConflict as conflict:
        db.session.rollback()
        form.show_conflict(conflict)
        return _edit_page(form, record), 409
    db.session.commit()
    toast(_("Saved."))
    return redirect(url_for(".show", record_id=record.id))


@bp.get("/records/<template_name>/options/<attribute_name>")
@signed_in
def options(template_name: str, attribute_name: str) -> str:
    """Offer what can be linked while somebody types a part of its name."""
    template, account = load_template(template_name), current_account()
    editable = {each.system_name: each for each in permissions.editable_attributes(template, account)}
    attribute: Attribute | None = editable.get(attribute_name)
    if attribute is None or attribute.typed.kind.widget != "link":
        abort(404)
    typed = request.args.get(attribute_name, "").rpartition(";")[2].strip()[:100]
    found = link_options.find_options(attribute, account, typed)
    return render_template("desk/records/_options.html", options=found)


def named_parent(template: RecordTemplate, account: Account) -> dict[str, int]:
    """Return the parent that the address names, as the button on its card does, if it may be chosen."""
    attribute = template.attribute_in("parent_id")
    if attribute is None or attribute not in permissions.editable_attributes(template, account):
        return {}
    chosen = link_options.chosen_id(attribute, request.args.get(attribute.system_name, ""))
    if chosen is None or not link_options.is_option(attribute, account, chosen):
        return {}
    return {attribute.system_name: chosen}


def _register(template: RecordTemplate, form: RecordForm, chosen: FirstFiles) -> Record | None:
    """Make the record with all its files; None when something is refused, which the forms then say."""
    batch = receive_files(chosen.files, None)
    if batch.refused:
        chosen.files.complain(batch)
        return None
    account, uploads = current_account(), batch.accepted
    try:
        return services.create_record(
            template, form.values, author=account, nonce=form.nonce, uploads=uploads
        )
    except (services.NotUnique, Refused) as error:
        _complain(form, error)
        db.session.rollback()
        return None


def _edit_page(form: RecordForm, record: Record) -> str:
    event = queries.latest_change(record.id) if form.conflicts else None
    other = accounts.get_account(event.actor_id) if event and event.actor_id else None
    return render_template(
        "desk/records/edit.html", form=form, record=record, template=record.template, other=other, event=event
    )


def _complain(form: RecordForm, error: services.NotUnique | Refused) -> None:
    repeated = _("Another record has this already, and it must stand only once.")
    complaint = error.words if isinstance(error, Refused) else repeated
    form[error.attribute.system_name].errors = [complaint]
