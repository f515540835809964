"""The blueprint of outgoing mail, its place in the menu, and what its pages begin with."""

from __future__ import annotations

from flask import Blueprint, abort
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import menu
from webapp.messaging.mail_connections import presenting, queries
from webapp.messaging.mail_connections.models import MailConnection
from webapp.people.accounts.rights import is_staff

bp = Blueprint("mail_connections", __name__, url_prefix="/settings/mail/outgoing")
Page = str | tuple[str, int] | AnyResponse


menu.add(
    "system", _l("Connection parameters"), "mail_connections.index",
    icon="mail", order=20, who=is_staff, group=_l("Mail"),
)  # fmt: skip


@bp.app_template_global("connection_words")
def connection_words(connection: MailConnection) -> presenting.ConnectionWords:
    """Give pages a connection's state in words."""
    return presenting.state_of(connection)


def get_or_404(connection_id: int) -> MailConnection:
    """Return the connection, or answer that there is none."""
    return queries.get_connection(connection_id) or abort(404)
