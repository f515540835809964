"""The block Sending of a connection: its form, and the way back to values that are known to be good."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _

from webapp.core import htmx
from webapp.core.db import db
from webapp.messaging.mail_connections import presenting, services
from webapp.messaging.mail_connections.forms import RestoreForm, SendingForm, WholeSendingForm
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.sending_rules import PRESETS, Preset
from webapp.messaging.mail_connections.views.blueprint import Page, bp, get_or_404
from webapp.messaging.mail_connections.views.form_pages import form_page, stale_page
from webapp.people.accounts.rights import current_account, staff_only, technologist_only

_EDIT = "messaging/mail_connections/edit_sending.html"


@bp.route("/<int:connection_id>/sending", methods=["GET", "POST"])
@staff_only
def edit_sending(connection_id: int) -> Page:
    """Change the block Sending: support staff its names and addresses, technologists all of it."""
    connection, account = get_or_404(connection_id), current_account()
    form = WholeSendingForm(obj=connection) if account.is_technologist else SendingForm(obj=connection)
    if not form.validate_on_submit():
        return form_page(_EDIT, form=form, connection=connection)
    rules = form.rules() if isinstance(form, WholeSendingForm) else None
    try:
        services.change_sending(
            connection, form.parameters(), rules, version=form.shown_version(), actor_id=account.id
        )
    except services.StaleVersion:
        return stale_page(_EDIT, form, connection, rows=presenting.sending_rows(connection))
    db.session.commit()
    htmx.toast(_("Saved. Messages that waited for these parameters go now."))
    return htmx.redirect(url_for(".show", connection_id=connection_id))


@bp.route("/<int:connection_id>/sending/restore", methods=["GET", "POST"])
@technologist_only
def restore_sending(connection_id: int) -> Page:
    """Show what would change, then put the values of the chosen preset in place."""
    connection = get_or_404(connection_id)
    form = RestoreForm(version=str(connection.version))
    if not form.validate_on_submit():
        return _restore_page(connection, form), 422 if form.errors else 200
    rules = PRESETS[Preset(form.preset.data)]
    try:
        services.change_sending(
            connection, None, rules, version=form.shown_version(), actor_id=current_account().id
        )
    except services.StaleVersion:
        db.session.rollback()
        form.version.data = str(connection.version)
        return _restore_page(connection, form, is_stale=True), 409
    db.session.commit()
    htmx.toast(_("The parameters are restored. Names and addresses stayed."))
    return htmx.redirect(url_for(".show", connection_id=connection_id, _anchor="sending"))


def _restore_page(connection: MailConnection, form: RestoreForm, *, is_stale: bool = False) -> str:
    changes = {preset.value: presenting.changes_by(connection, rules) for preset, rules in PRESETS.items()}
    return render_template(
        "messaging/mail_connections/restore_sending.html",
        form=form,
        connection=connection,
        changes=changes,
        is_stale=is_stale,
    )
