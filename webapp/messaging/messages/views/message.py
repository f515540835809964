"""The page of a message: as it left, its way, the server's words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import htmx
from webapp.core.db import db
from webapp.core.secret_box import SecretLost
from webapp.core.security_headers import content_security_policy
from webapp.core.static_files import foreign_origins
from webapp.messaging.messages import logos, queries, services, states
from webapp.messaging.messages.bodies import Parts, unpack
from webapp.messaging.messages.models import Attempt, Delivery, Message, MessageClass
from webapp.messaging.messages.views import deciding
from webapp.people.accounts.queries import accounts_by_ids
from webapp.people.accounts.rights import staff_only

bp = Blueprint("messages", __name__, url_prefix="/messages")

FRAME_POLICY = (
    content_security_policy(
        script_src="'none'", style_src="'unsafe-inline'", img_src="data:", font_src="'none'",
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
    response = make_response(logos.with_pictures(parts))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@bp.post("/<int:message_id>/deliveries/<int:delivery_id>/cancel")
@staff_only
def cancel(message_id: int, delivery_id: int) -> AnyResponse:
    """Cancel a delivery that has not arrived, as far as we know."""
    delivery = queries.get_delivery(message_id, delivery_id) or abort(404)
    deciding.cancel(delivery)
    db.session.commit()
    return htmx.redirect(url_for(".show", message_id=message_id))


@bp.post("/<int:message_id>/deliveries/<int:delivery_id>/send-again")
@staff_only
def send_again(message_id: int, delivery_id: int) -> AnyResponse:
    """Put a delivery that did not arrive back into the queue."""
    delivery = queries.get_delivery(message_id, delivery_id) or abort(404)
    deciding.send_again(delivery)
    db.session.commit()
    return htmx.redirect(url_for(".show", message_id=message_id))


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
