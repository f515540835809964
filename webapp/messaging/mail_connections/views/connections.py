"""Connections: the list, the card, the forms of its blocks, switching, deleting."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core import htmx
from webapp.core.db import db
from webapp.messaging.mail_connections import queries, services
from webapp.messaging.mail_connections.forms import CheckForm, PaceForm, ServerForm
from webapp.messaging.mail_connections.views.blueprint import Page, bp, get_or_404
from webapp.messaging.mail_connections.views.card import card
from webapp.messaging.mail_connections.views.form_pages import form_page, stale_page
from webapp.people.accounts.rights import current_account, staff_only, technologist_only


@bp.get("")
@staff_only
def index() -> Page:
    """List the connections with their state in one sentence."""
    return render_template("messaging/mail_connections/index.html", connections=queries.list_connections())


@bp.route("/new", methods=["GET", "POST"])
@technologist_only
def new() -> Page:
    """Add a connection."""
    form = ServerForm()
    if not form.validate_on_submit():
        return form_page("messaging/mail_connections/new.html", form=form)
    connection = services.create_connection(form.settings(), actor_id=current_account().id)
    db.session.commit()
    htmx.toast(_("The connection was added. Now fill in who e-mails come from."))
    return htmx.redirect(url_for(".edit_sending", connection_id=connection.id))


@bp.get("/<int:connection_id>")
@staff_only
def show(connection_id: int) -> Page:
    """Show the connection's card."""
    return card(get_or_404(connection_id), CheckForm(address=current_account().email))


@bp.route("/<int:connection_id>/edit", methods=["GET", "POST"])
@technologist_only
def edit(connection_id: int) -> Page:
    """Change the server's block."""
    connection = get_or_404(connection_id)
    form = ServerForm(connection)
    if not form.validate_on_submit():
        return form_page("messaging/mail_connections/edit.html", form=form, connection=connection)
    try:
        is_forgotten = services.change_server(
            connection, form.settings(), version=form.shown_version(), actor_id=current_account().id
        )
    except services.StaleVersion:
        return stale_page("messaging/mail_connections/edit.html", form, connection)
    db.session.commit()
    _say_saved(is_forgotten=is_forgotten)
    return htmx.redirect(url_for(".show", connection_id=connection_id))


@bp.route("/<int:connection_id>/pace", methods=["GET", "POST"])
@technologist_only
def edit_pace(connection_id: int) -> Page:
    """Change how carefully and how fast messages leave."""
    connection = get_or_404(connection_id)
    form = PaceForm(obj=connection)
    if not form.validate_on_submit():
        return form_page("messaging/mail_connections/edit_pace.html", form=form, connection=connection)
    try:
        services.change_pace(
            connection, form.pace(), version=form.shown_version(), actor_id=current_account().id
        )
    except services.StaleVersion:
        return stale_page("messaging/mail_connections/edit_pace.html", form, connection)
    db.session.commit()
    htmx.toast(_("Saved. Messages leave at the new pace from now on."))
    return htmx.redirect(url_for(".show", connection_id=connection_id))


@bp.post("/<int:connection_id>/switch-off")
@technologist_only
def switch_off(connection_id: int) -> Page:
    """Make messages wait."""
    return _switch(connection_id, _("Switched off. Messages wait."), is_on=False)


@bp.post("/<int:connection_id>/switch-on")
@technologist_only
def switch_on(connection_id: int) -> Page:
    """Let messages leave again."""
    return _switch(connection_id, _("Switched on. Waiting messages go now."), is_on=True)


@bp.post("/<int:connection_id>/default")
@technologist_only
def make_default(connection_id: int) -> Page:
    """Let system notices leave through this connection."""
    services.make_default(get_or_404(connection_id), actor_id=current_account().id)
    db.session.commit()
    htmx.toast(_("System notices leave through this connection from now on."))
    return htmx.redirect(url_for(".show", connection_id=connection_id))


@bp.route("/<int:connection_id>/delete", methods=["GET", "POST"])
@technologist_only
def delete(connection_id: int) -> Page:
    """Ask, then take the connection out of use."""
    connection = get_or_404(connection_id)
    if request.method == "GET":
        others = [other for other in queries.list_connections() if other.id != connection.id]
        return render_template(
            "messaging/mail_connections/delete.html",
            connection=connection,
            heir=others[0] if others else None,
        )
    host = connection.host
    services.delete_connection(connection, actor_id=current_account().id)
    db.session.commit()
    htmx.toast(_("The connection to %(host)s was deleted.", host=host))
    return htmx.redirect(url_for(".index"))


def _say_saved(*, is_forgotten: bool) -> None:
    if is_forgotten:
        htmx.toast(_("Saved. The server is another one now: its password has to be typed again."), "warning")
    else:
        htmx.toast(_("Saved. Waiting messages are tried at once."))


def _switch(connection_id: int, words: str, *, is_on: bool) -> Response:
    services.switch(get_or_404(connection_id), is_on=is_on, actor_id=current_account().id)
    db.session.commit()
    htmx.toast(words)
    return htmx.redirect(url_for(".show", connection_id=connection_id))
