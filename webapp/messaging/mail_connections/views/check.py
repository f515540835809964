"""The check of a connection: started by a button, watched step by step."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import get_locale

from webapp.core import htmx, job_queue
from webapp.core.db import db, writing
from webapp.job_names import JobName
from webapp.messaging.mail_connections import problems, services
from webapp.messaging.mail_connections.forms import CheckForm
from webapp.messaging.mail_connections.views import limits
from webapp.messaging.mail_connections.views.blueprint import Page, bp, get_or_404
from webapp.messaging.mail_connections.views.card import card, check_context, check_panel
from webapp.people.accounts.rights import technologist_only


@bp.post("/<int:connection_id>/check")
@technologist_only
@limits.of_one_connection
@limits.by_one_person
def check(connection_id: int) -> Page:
    """Start the check; the page then watches its steps."""
    connection = get_or_404(connection_id)
    form, show = CheckForm(), check_panel if htmx.is_htmx() else card
    if not form.validate_on_submit():
        return show(connection, form), 422
    services.start_check(connection, address=form.address.data or "", language=str(get_locale()))
    db.session.commit()
    if not job_queue.ring_past_flag(JobName.CHECK_CONNECTION, connection_id):
        # Known only after the commit: the job must not look for the check before it is there.
        with writing():
            services.give_up_check(connection, problems.DOORBELL_DOWN)
            db.session.commit()
    if htmx.is_htmx():
        return check_panel(connection, form)
    return htmx.redirect(url_for(".show", connection_id=connection_id, _anchor="check"))


@bp.get("/<int:connection_id>/check")
@technologist_only
def check_progress(connection_id: int) -> Page:
    """Show how far the check is; asked again and again while it runs."""
    connection = get_or_404(connection_id)
    if not htmx.is_htmx():
        return htmx.redirect(url_for(".show", connection_id=connection_id, _anchor="check"))
    return render_template("messaging/mail_connections/_check_steps.html", **check_context(connection))
