"""The journal of deliveries: the queues, the troubles by their cause, and every delivery to be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import htmx, menu
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.locales import page_time_zone
from webapp.core.paging import KeysetPage
from webapp.messaging.mail_connections.condition import waiting_reason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.queries import list_all
from webapp.messaging.messages import groups, hours, journal, queries, queues, services, states, troubles
from webapp.messaging.messages.models import Delivery, DeliveryState
from webapp.messaging.messages.queue_words import eta_words
from webapp.messaging.messages.views import deciding
from webapp.messaging.messages.wanted import Wanted
from webapp.people.accounts.rights import is_staff, staff_only

bp = Blueprint("deliveries", __name__, url_prefix="/deliveries")
Page = str | AnyResponse

menu.add("journals", _l("Deliveries"), "deliveries.index", icon="send", order=20, who=is_staff)


@bp.get("")
@staff_only
def index() -> Page:
    """List deliveries, newest first; without filters also how the queues stand and what is in trouble."""
    wanted, connections = _wanted(), list_all()
    cursor = request.args.get("cursor")
    found = journal.find_deliveries(wanted, connections, cursor)
    there = groups.list_groups(journal.ENDED_UNSENT, [each.id for each in connections])
    context: dict[str, Any] = {
        "wanted": wanted,
        "page": found.page,
        "number": found.number,
        "most_counted": journal.MOST_COUNTED,
        "lines": _lines(found.page, connections),
        "connections": connections,
    }
    if htmx.is_htmx():
        return render_template("messaging/messages/journal/_list.html", **context)
    if not (wanted.is_narrow or cursor):
        context |= _overview(connections, there)
    choices = {
        "states": [(state.value, states.word_of(state)) for state in DeliveryState],
        "connection_choices": [(each.id, each.host) for each in connections],
        "causes": _cause_choices(wanted, connections, there, found.page),
    }
    return render_template("messaging/messages/journal/index.html", **context, **choices)


@bp.post("/<int:delivery_id>/cancel")
@staff_only
def cancel(delivery_id: int) -> Page:
    """Cancel one delivery, and stay in the list."""
    delivery = queries.get_delivery_with_message(delivery_id) or abort(404)
    deciding.cancel(delivery)
    return _decided(delivery)


@bp.post("/<int:delivery_id>/send-again")
@staff_only
def send_again(delivery_id: int) -> Page:
    """Put one delivery back into the queue, and stay in the list."""
    delivery = queries.get_delivery_with_message(delivery_id) or abort(404)
    deciding.send_again(delivery)
    return _decided(delivery)


@bp.app_template_global("group_words")
def group_words(state: str, cause: str | None) -> states.StateWords:
    """Give pages what is common to all deliveries of one state and cause."""
    return states.group_words(state, cause)


def line_of(delivery: Delivery, connection: MailConnection | None) -> dict[str, Any]:
    """Return what a line of the list shows."""
    words = states.describe(delivery, connection)
    is_later = words.next_at is not None and words.next_at > now()
    return {
        "delivery": delivery,
        "connection": connection,
        "words": words,
        "next_at": words.next_at if is_later else None,
        "can_cancel": delivery.state in services.CANCELLABLE,
        "can_send_again": services.can_send_again(delivery),
    }


def _wanted() -> Wanted:
    return Wanted.from_address(request.args, page_time_zone())


def _lines(page: KeysetPage[Delivery], connections: Sequence[MailConnection]) -> list[dict[str, Any]]:
    by_id = {each.id: each for each in connections}
    return [line_of(delivery, by_id.get(delivery.connection_id)) for delivery in page.rows]


def _decided(delivery: Delivery) -> Page:
    db.session.commit()
    if not htmx.is_htmx():
        cursor = request.args.get("cursor")
        return htmx.redirect(url_for(".index", **_wanted().in_address(), cursor=cursor))
    connections = list_all()
    connection = next((each for each in connections if each.id == delivery.connection_id), None)
    return render_template(
        "messaging/messages/journal/_row.html",
        line=line_of(delivery, connection),
        wanted=_wanted(),
        connections=connections,
    )


def _overview(connections: Sequence[MailConnection], there: Sequence[groups.Group]) -> dict[str, Any]:
    return {
        "queues": [(queue, eta_words(queue)) for queue in queues.list_queues(connections)],
        "hours": hours.last_hours(),
        "troubles": troubles.list_troubles([each for each in there if each.state in groups.TROUBLES]),
        "undone": groups.list_undone(),
    }


def _cause_choices(
    wanted: Wanted,
    connections: Sequence[MailConnection],
    there: Sequence[groups.Group],
    page: KeysetPage[Delivery],
) -> list[tuple[str, str]]:
    """Return the causes that there are, with their sentences, and the one that is asked for."""
    reasons = {waiting_reason(each) for each in connections if not each.is_deleted}
    stored = {group.cause for group in there} | {delivery.cause for delivery in page.rows}
    causes = {str(cause) for cause in reasons | stored | {wanted.cause} if cause}
    return sorted(((cause, states.cause_words(cause)) for cause in causes), key=lambda choice: choice[1])
