"""What mail says on other pages: the queue on a connection's card, the banner when nothing leaves."""

from __future__ import annotations

from flask import render_template, request
from flask_login import current_user
from markupsafe import Markup

from webapp.core.slots import slot
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.mail_connections.presenting import state_of
from webapp.messaging.mail_connections.queries import get_default
from webapp.messaging.messages import groups, queries, queues
from webapp.messaging.messages.models import DeliveryState
from webapp.messaging.messages.outcomes import Cause
from webapp.messaging.messages.queue_words import eta_words
from webapp.messaging.messages.views.unreleased import backlog
from webapp.people.accounts.models import Account
from webapp.people.accounts.rights import current_account
from webapp.people.company import settings as company


@slot("connection.queue", order=10)
def connection_queue(connection: MailConnection) -> Markup | None:
    """Say on a connection's card how many messages wait for it, and until when."""
    queue = queues.queue_of(connection)
    if queue is None:
        return None
    page = render_template("messaging/messages/_queue.html", queue=queue, eta=eta_words(queue))
    return Markup(page)  # noqa: S704 - a template escapes


@slot("page.banners", order=10)
def unreleased_banner(**_context: object) -> Markup | None:
    """Tell staff on every page why all mail waits, and lead them to the decision."""
    if not (current_user.is_authenticated and current_user.is_staff):
        return None
    found = backlog() if request.endpoint != "deliveries.unreleased" else None
    if found is None:
        return None
    page = render_template("messaging/messages/_unreleased_banner.html", backlog=found)
    return Markup(page)  # noqa: S704 - a template escapes


@slot("page.banners", order=15)
def crowded_banner(**_context: object) -> Markup | None:
    """Tell staff on every page that some address got too much, and lead them to what is held."""
    if (
        not (current_user.is_authenticated and current_user.is_staff)
        or request.endpoint == "deliveries.group"
    ):
        return None
    crowded = groups.list_groups_with(DeliveryState.HELD, Cause.TOO_MANY.value)
    if not crowded:
        return None
    page = render_template(
        "messaging/messages/_crowded_banner.html", groups=crowded, most=company.get().most_per_address
    )
    return Markup(page)  # noqa: S704 - a template escapes


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
    if reason is WaitReason.UNRELEASED:
        return None  # that has a banner of its own
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
        most_counted=queries.MOST_COUNTED,
    )
    return Markup(page)  # noqa: S704 - a template escapes
