"""The page of a message: as it left, its way, the server's words; and what mail says on other pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import htmx
from webapp.core.db import db
from webapp.core.secret_box import SecretLost
from webapp.core.security_headers import content_security_policy
from webapp.core.slots import slot
from webapp.core.static_files import foreign_origins
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.presenting import state_of
from webapp.messaging.mail_connections.queries import get_default
from webapp.messaging.messages import queries, services, states
from webapp.messaging.messages.bodies import Parts, unpack
from webapp.messaging.messages.models import Attempt, Delivery, Message, MessageClass
from webapp.people.accounts.models import Account
from webapp.people.accounts.queries import accounts_by_ids
from webapp.people.accounts.rights import current_account, staff_only

bp = Blueprint("messages", __name__, url_prefix="/messages")

FRAME_POLICY = (
    content_security_policy(
        script_src="'none'", style_src="'unsafe-inline'", img_src="'none'", font_src="'none'",
        connect_src="'none'", form_action="'none'", frame_ancestors="'self'",
    )
    + "; sandbox"
)  # fmt: skip


@bp.get("/<int:message_id>")
@staff_only
def show(message_id: int) -> Response:
    """Show the message, its way from the event to each attempt, and its text as it left."""
    message = _get_or_404(message_id)
    parts = _parts(message)
    page = render_template(
        "messaging/messages/show.html",
        message=message,
        parts=parts,
        is_secret=message.message_class == MessageClass.SIGN_IN.value,
        **_way(message),
    )
    policy = content_security_policy(foreign_origins(current_app), frame_src="'self'")
    return make_response(page, {"Content-Security-Policy": policy})


@bp.get("/<int:message_id>/html")
@staff_only
def html(message_id: int) -> Response:
    """Answer the HTML as it left, for a frame in which nothing runs and nothing is fetched."""
    parts = _parts(_get_or_404(message_id)) or abort(404)
    response = make_response(parts.html)
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@bp.post("/<int:message_id>/deliveries/<int:delivery_id>/cancel")
@staff_only
def cancel(message_id: int, delivery_id: int) -> AnyResponse:
    """Cancel a delivery that has not arrived, as far as we know."""
    delivery = queries.get_delivery(message_id, delivery_id) or abort(404)
    try:
        services.cancel(delivery, actor_id=current_account().id)
    except services.TooLate:
        htmx.toast(_("Too late: it is already being sent, or it has ended."), "warning")
    else:
        copies = states.copy_words(delivery)
        htmx.toast(
            f"{_('Cancelled: it is not repeated.')} {copies}" if copies else _("Cancelled: it is not sent.")
        )
    db.session.commit()
    return htmx.redirect(url_for(".show", message_id=message_id))


@bp.post("/<int:message_id>/deliveries/<int:delivery_id>/send-again")
@staff_only
def send_again(message_id: int, delivery_id: int) -> AnyResponse:
    """Put a delivery that did not arrive back into the queue."""
    delivery = queries.get_delivery(message_id, delivery_id) or abort(404)
    try:
        services.send_again(delivery, actor_id=current_account().id)
    except services.TooLate:
        htmx.toast(_("It cannot be sent again: it is waiting or was sent."), "warning")
    else:
        htmx.toast(_("It waits to be sent again."))
    db.session.commit()
    return htmx.redirect(url_for(".show", message_id=message_id))


@slot("connection.queue", order=10)
def connection_queue(connection: MailConnection) -> Markup | None:
    """Say on a connection's card how many messages wait for it."""
    waiting = queries.count_waiting(connection.id)
    if not waiting:
        return None
    return Markup(render_template("messaging/messages/_queue.html", waiting=waiting))  # noqa: S704 - a template escapes


@slot("page.banners", order=20)
def mail_banner(**_context: object) -> Markup | None:
    """Tell staff on every page when system mail does not leave, and what to do."""
    if not (current_user.is_authenticated and current_user.is_staff):
        return None
    account = current_account()
    connection = get_default()
    if connection is None:
        return _banner(None, account) if account.is_technologist else None
    if (request.view_args or {}).get("connection_id") == connection.id:
        return None  # the connection's own page says it larger
    reason = waiting_reason(connection)
    is_broken = connection.state.paused_since is not None
    if reason is WaitReason.PARAMETERS_INCOMPLETE or (account.is_technologist and (reason or is_broken)):
        return _banner(connection, account)
    return None


def _banner(connection: MailConnection | None, account: Account) -> Markup:
    page = render_template(
        "messaging/messages/_banner.html",
        connection=connection,
        account=account,
        words=state_of(connection) if connection else None,
        is_incomplete=connection is not None
        and waiting_reason(connection) is WaitReason.PARAMETERS_INCOMPLETE,
        waiting=queries.count_waiting(connection.id) if connection else 0,
    )
    return Markup(page)  # noqa: S704 - a template escapes


def _get_or_404(message_id: int) -> Message:
    return queries.get_message(message_id) or abort(404)


def _parts(message: Message) -> Parts | None:
    """Return the text, unless it holds a way to sign in or cannot be read."""
    if message.message_class == MessageClass.SIGN_IN.value:
        return None
    body = queries.get_body(message.id)
    try:
        return unpack(body.packed_parts) if body is not None else None
    except SecretLost:
        return None


def _way(message: Message) -> dict[str, Any]:
    deliveries = message.deliveries
    attempts = queries.list_attempts([delivery.id for delivery in deliveries])
    ids = {message.account_id, *(delivery.decided_by_id for delivery in deliveries)} - {None}
    return {
        "people": accounts_by_ids([number for number in ids if number is not None]),
        "note": queries.get_note(message.id),
        "ways": [_delivery_way(delivery, attempts[delivery.id]) for delivery in deliveries],
    }


def _delivery_way(delivery: Delivery, attempts: list[Attempt]) -> dict[str, Any]:
    connection = queries.get_connection_of(delivery)
    return {
        "delivery": delivery,
        "connection": connection,
        "words": states.describe(delivery, connection),
        "attempts": [(attempt, states.cause_words(attempt.problem)) for attempt in attempts],
        "can_cancel": delivery.state in services.CANCELLABLE,
        "can_send_again": services.can_send_again(delivery),
    }
