"""Pages of outgoing mail: connections, their card, the block Sending, the check."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import htmx, job_queue, menu
from webapp.core.db import db, writing
from webapp.job_names import JobName
from webapp.messaging.mail_connections import presenting, problems, queries, services
from webapp.messaging.mail_connections.forms import CheckForm, PaceForm, SendingForm, ServerForm
from webapp.messaging.mail_connections.models import MailConnection
from webapp.people.accounts.rights import current_account, is_staff, staff_only, technologist_only

bp = Blueprint("mail_connections", __name__, url_prefix="/settings/mail/outgoing")
Page = str | tuple[str, int] | AnyResponse
AnyForm = ServerForm | SendingForm | PaceForm


menu.add(
    "system", _l("Connection parameters"), "mail_connections.index",
    icon="mail", order=20, who=is_staff, group=_l("Mail"),
)  # fmt: skip


@bp.app_template_global("connection_words")
def connection_words(connection: MailConnection) -> presenting.ConnectionWords:
    """Give pages a connection's state in words."""
    return presenting.state_of(connection)


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
        return _form_page("messaging/mail_connections/new.html", form=form)
    connection = services.create_connection(form.settings(), actor_id=current_account().id)
    db.session.commit()
    htmx.toast(_("The connection was added. Now fill in who e-mails come from."))
    return htmx.redirect(url_for(".edit_sending", connection_id=connection.id))


@bp.get("/<int:connection_id>")
@staff_only
def show(connection_id: int) -> Page:
    """Show the connection's card."""
    return _card(_get_or_404(connection_id), CheckForm(address=current_account().email))


@bp.route("/<int:connection_id>/edit", methods=["GET", "POST"])
@technologist_only
def edit(connection_id: int) -> Page:
    """Change the server's block."""
    connection = _get_or_404(connection_id)
    form = ServerForm(connection)
    if not form.validate_on_submit():
        return _form_page("messaging/mail_connections/edit.html", form=form, connection=connection)
    try:
        is_forgotten = services.change_server(
            connection, form.settings(), version=form.shown_version(), actor_id=current_account().id
        )
    except services.StaleVersion:
        return _stale_page("messaging/mail_connections/edit.html", form, connection)
    db.session.commit()
    _say_saved(is_forgotten=is_forgotten)
    return htmx.redirect(url_for(".show", connection_id=connection_id))


@bp.route("/<int:connection_id>/sending", methods=["GET", "POST"])
@staff_only
def edit_sending(connection_id: int) -> Page:
    """Change the block Sending, which support staff may do too."""
    connection = _get_or_404(connection_id)
    form = SendingForm(obj=connection)
    if not form.validate_on_submit():
        return _form_page("messaging/mail_connections/edit_sending.html", form=form, connection=connection)
    try:
        services.change_sending(
            connection, form.parameters(), version=form.shown_version(), actor_id=current_account().id
        )
    except services.StaleVersion:
        return _stale_page("messaging/mail_connections/edit_sending.html", form, connection)
    db.session.commit()
    htmx.toast(_("Saved. Messages that waited for these parameters go now."))
    return htmx.redirect(url_for(".show", connection_id=connection_id))


@bp.route("/<int:connection_id>/pace", methods=["GET", "POST"])
@technologist_only
def edit_pace(connection_id: int) -> Page:
    """Change how carefully and how fast messages leave."""
    connection = _get_or_404(connection_id)
    form = PaceForm(obj=connection)
    if not form.validate_on_submit():
        return _form_page("messaging/mail_connections/edit_pace.html", form=form, connection=connection)
    try:
        services.change_pace(
            connection, form.pace(), version=form.shown_version(), actor_id=current_account().id
        )
    except services.StaleVersion:
        return _stale_page("messaging/mail_connections/edit_pace.html", form, connection)
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
    services.make_default(_get_or_404(connection_id), actor_id=current_account().id)
    db.session.commit()
    htmx.toast(_("System notices leave through this connection from now on."))
    return htmx.redirect(url_for(".show", connection_id=connection_id))


@bp.route("/<int:connection_id>/delete", methods=["GET", "POST"])
@technologist_only
def delete(connection_id: int) -> Page:
    """Ask, then take the connection out of use."""
    connection = _get_or_404(connection_id)
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


@bp.post("/<int:connection_id>/check")
@technologist_only
def check(connection_id: int) -> Page:
    """Start the check; the page then watches its steps."""
    connection = _get_or_404(connection_id)
    form = CheckForm()
    if not form.validate_on_submit():
        return _check_panel(connection, form, 422) if htmx.is_htmx() else (_card(connection, form), 422)
    services.start_check(connection, address=form.address.data or "", language=str(get_locale()))
    db.session.commit()
    if not job_queue.ring_past_flag(JobName.CHECK_CONNECTION, connection_id):
        # Known only after the commit: the job must not look for the check before it is there.
        with writing():
            services.give_up_check(connection, problems.DOORBELL_DOWN)
            db.session.commit()
    if htmx.is_htmx():
        return _check_panel(connection, form)
    return htmx.redirect(url_for(".show", connection_id=connection_id, _anchor="check"))


@bp.get("/<int:connection_id>/check")
@technologist_only
def check_progress(connection_id: int) -> Page:
    """Show how far the check is; asked again and again while it runs."""
    connection = _get_or_404(connection_id)
    if not htmx.is_htmx():
        return htmx.redirect(url_for(".show", connection_id=connection_id, _anchor="check"))
    return render_template("messaging/mail_connections/_check_steps.html", **_check_context(connection))


def _get_or_404(connection_id: int) -> MailConnection:
    return queries.get_connection(connection_id) or abort(404)


def _card(connection: MailConnection, form: CheckForm) -> str:
    return render_template(
        "messaging/mail_connections/show.html",
        form=form,
        encryption=presenting.ENCRYPTION_WORDS[connection.encryption],
        mode=presenting.MODE_WORDS[connection.sending_mode],
        **_check_context(connection),
    )


def _check_context(connection: MailConnection) -> dict[str, object]:
    return {
        "connection": connection,
        "check_items": presenting.check_items(connection.state) if connection.state.check_id else [],
        "is_check_running": presenting.is_check_running(connection.state),
    }


def _check_panel(connection: MailConnection, form: CheckForm, status: int = 200) -> tuple[str, int]:
    page = render_template(
        "messaging/mail_connections/_check_panel.html", form=form, **_check_context(connection)
    )
    return page, status


def _say_saved(*, is_forgotten: bool) -> None:
    if is_forgotten:
        htmx.toast(_("Saved. The server is another one now: its password has to be typed again."), "warning")
    else:
        htmx.toast(_("Saved. Waiting messages are tried at once."))


def _switch(connection_id: int, words: str, *, is_on: bool) -> Response:
    services.switch(_get_or_404(connection_id), is_on=is_on, actor_id=current_account().id)
    db.session.commit()
    htmx.toast(words)
    return htmx.redirect(url_for(".show", connection_id=connection_id))


def _form_page(template: str, *, form: AnyForm, connection: MailConnection | None = None) -> tuple[str, int]:
    page = render_template(template, form=form, connection=connection, is_stale=False)
    return page, 422 if form.errors else 200


def _stale_page(template: str, form: AnyForm, connection: MailConnection) -> tuple[str, int]:
    """Keep what was typed beside what another person saved meanwhile; saving again is then on purpose."""
    db.session.rollback()
    form.version.data = str(connection.version)
    return render_template(template, form=form, connection=connection, is_stale=True), 409
