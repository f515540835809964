"""How a page with a form of a connection is answered: shown, refused, or found to be out of date."""

from __future__ import annotations

from typing import Any

from flask import render_template

from webapp.core.db import db
from webapp.messaging.mail_connections.forms import PaceForm, RestoreForm, SendingForm, ServerForm
from webapp.messaging.mail_connections.models import MailConnection

AnyForm = ServerForm | SendingForm | PaceForm | RestoreForm


def form_page(
    template: str,
    *,
    form: AnyForm,
    connection: MailConnection | None = None,
    **more: Any,  # noqa: ANN401 - for the template
) -> tuple[str, int]:
    """Show the form; with what is wrong in it, if anything is."""
    page = render_template(template, form=form, connection=connection, is_stale=False, **more)
    return page, 422 if form.errors else 200


def stale_page(
    template: str,
    form: AnyForm,
    connection: MailConnection,
    **more: Any,  # noqa: ANN401 - for the template
) -> tuple[str, int]:
    """Keep what was typed beside what another person saved meanwhile; saving again is then on purpose."""
    db.session.rollback()
    form.version.data = str(connection.version)
    return render_template(template, form=form, connection=connection, is_stale=True, **more), 409
