"""The event journal: what happened, who reacted, and how to let a failed reaction run again."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from markupsafe import Markup

from webapp.core import htmx, menu
from webapp.core.db import db
from webapp.core.locales import page_language, page_time_zone
from webapp.core.slots import slot
from webapp.desk.records.shown import reader_for
from webapp.events.models import Event
from webapp.languages.values import Reader
from webapp.people.accounts.rights import current_account, is_technologist, technologist_only
from webapp.rules.journal import queries, services
from webapp.rules.journal.queries import Filters
from webapp.rules.narration import told
from webapp.rules.narration.events import narrate
from webapp.rules.narration.words import KINDS, SUBSCRIBERS

bp = Blueprint("journal", __name__, url_prefix="/journals/events")

menu.add(
    "journals",
    _l("Events"),
    "journal.index",
    icon="journal",
    order=30,
    who=is_technologist,
)


@bp.get("")
@technologist_only
def index() -> ResponseReturnValue:
    """List what happened, newest first."""
    filters = Filters.from_address(request.args)
    page = queries.list_events(filters, request.args.get("cursor"))
    return render_template(
        "rules/journal/index.html",
        filters=filters,
        page=page,
        happened=narrate(page.rows, _reader()),
        receipts=queries.list_receipts([event.id for event in page.rows]),
        kinds=list(KINDS.items()),
        failed=queries.count_failed(),
        replaying=queries.count_replaying(),
    )


@bp.get("/<int:event_id>")
@technologist_only
def show(event_id: int) -> ResponseReturnValue:
    """Show one event: what changed, who reacted and how, whom it told."""
    event = _event_or_404(event_id)
    template = "rules/journal/_handling.html" if htmx.is_htmx() else "rules/journal/show.html"
    return render_template(template, **_everything(event))


@bp.post("/<int:event_id>/replay")
@technologist_only
def replay(event_id: int) -> ResponseReturnValue:
    """Let the event be handled again by whoever failed on it."""
    event = _event_or_404(event_id)
    is_put_back = services.replay(event)
    db.session.commit()
    if is_put_back:
        htmx.toast(_("The event will be handled again now."))
    else:
        htmx.toast(_("Nobody failed on this event: there is nothing to do again."), "info")
    return htmx.redirect(url_for("journal.show", event_id=event_id))


@bp.post("/replay")
@technologist_only
def replay_all() -> ResponseReturnValue:
    """Let all failed events be handled again."""
    number = services.replay_all_failed()
    db.session.commit()
    htmx.toast(
        ngettext("%(num)d event will be handled again", "%(num)d events will be handled again", number),
        "info",
    )
    return htmx.redirect(url_for("journal.index", replayed=number))


@bp.get("/progress")
@technologist_only
def progress() -> ResponseReturnValue:
    """Show how far a replay of many events has come."""
    context = {"failed": queries.count_failed(), "replaying": queries.count_replaying()}
    if htmx.is_htmx():
        return render_template("rules/journal/_progress.html", **context)
    return htmx.redirect(url_for("journal.index", replayed=request.args.get("replayed", type=int)))


@slot("page.banners", order=40)
def _failed_banner() -> str | None:
    if not (current_user.is_authenticated and current_user.is_technologist):
        return None
    if request.endpoint is not None and request.endpoint.startswith("journal."):
        return None  # the page itself says so
    failed = queries.count_failed()
    return Markup(render_template("rules/journal/_banner.html", failed=failed)) if failed else None  # noqa: S704 - our own template


def _everything(event: Event) -> dict[str, object]:
    reader = _reader()
    cause = queries.get_event(event.cause_event_id) if event.cause_event_id else None
    related = [one for one in (cause, *queries.list_effects(event)) if one is not None]
    return {
        "one": narrate([event], reader)[0],
        "cause": narrate([cause], reader)[0] if cause else None,
        "effects": narrate([other for other in related if other is not cause], reader),
        "receipts": queries.list_receipts([event.id])[event.id],
        "subscriber_names": SUBSCRIBERS,
        "telling": told.tellings([event], viewer=current_account())[0],
    }


def _reader() -> Reader:
    return reader_for(current_account(), page_language(), page_time_zone())


def _event_or_404(event_id: int) -> Event:
    event = queries.get_event(event_id)
    if event is None:
        abort(404)
    return event
