"""How often a connection is checked: enough to try things out, too seldom to trouble a mail server.

Each check is a session with the server, and a wrong password in it counts there towards locking the mailbox.
"""

from __future__ import annotations

import math
import time
from typing import Final

from flask import Response, make_response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_limiter import RequestLimit

from webapp.core import htmx
from webapp.core.extensions import limiter
from webapp.messaging.mail_connections.forms import CheckForm
from webapp.messaging.mail_connections.views.blueprint import get_or_404
from webapp.messaging.mail_connections.views.card import card, check_panel
from webapp.people.accounts.rights import current_account

_MINUTE_S: Final = 60
#: What is nearer is told in seconds.
_NEAR_S: Final = 90


def too_many_checks(limit: RequestLimit) -> Response:
    """Show the panel with what was typed, and say beside the button how long to wait."""
    wait_s = max(1, math.ceil(limit.reset_at - time.time()))
    connection, form = get_or_404(_connection_id()), CheckForm()
    show = check_panel if htmx.is_htmx() else card
    response = make_response(show(connection, form, too_often=_words(wait_s)), 429)
    response.headers["Retry-After"] = str(wait_s)
    return response


def _words(wait_s: int) -> str:
    why = _("Not checked: this was asked for too often, and the server might shut us out.")
    if wait_s < _NEAR_S:
        when = ngettext(
            "You can check again in %(num)d second.", "You can check again in %(num)d seconds.", wait_s
        )
    else:
        minutes = math.ceil(wait_s / _MINUTE_S)
        when = ngettext(
            "You can check again in %(num)d minute.", "You can check again in %(num)d minutes.", minutes
        )
    return f"{why} {when}"


def _connection_id() -> int:
    number: int = (request.view_args or {})["connection_id"]
    return number


of_one_connection = limiter.limit(
    "5 per minute; 20 per hour",
    key_func=lambda: f"connection {_connection_id()}",
    on_breach=too_many_checks,
)
by_one_person = limiter.limit(
    "10 per minute; 60 per hour",
    key_func=lambda: f"account {current_account().id}",
    on_breach=too_many_checks,
)
