"""A connection's card with the panel of its check, as several views answer with it."""

from __future__ import annotations

from flask import render_template

from webapp.messaging.mail_connections import presenting
from webapp.messaging.mail_connections.forms import CheckForm
from webapp.messaging.mail_connections.models import MailConnection


def card(connection: MailConnection, form: CheckForm, *, too_often: str = "") -> str:
    """Return the whole card; ``too_often`` says until when no check is started."""
    return render_template(
        "messaging/mail_connections/show.html",
        form=form,
        too_often=too_often,
        encryption=presenting.ENCRYPTION_WORDS[connection.encryption],
        sending_rows=presenting.sending_rows(connection),
        mode=presenting.MODE_WORDS[connection.sending_mode],
        **check_context(connection),
    )


def check_panel(connection: MailConnection, form: CheckForm, *, too_often: str = "") -> str:
    """Return the panel alone, for htmx."""
    return render_template(
        "messaging/mail_connections/_check_panel.html",
        form=form,
        too_often=too_often,
        **check_context(connection),
    )


def check_context(connection: MailConnection) -> dict[str, object]:
    """Return what the steps of the check are shown with."""
    return {
        "connection": connection,
        "check_items": presenting.check_items(connection.state) if connection.state.check_id else [],
        "is_check_running": presenting.is_check_running(connection.state),
    }
