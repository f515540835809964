"""Who was told what about a record, who was not and why, and who will be told of a comment."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from webapp.core.locales import page_language, page_time_zone
from webapp.core.slots import slot
from webapp.desk.records import history
from webapp.desk.records import queries as records
from webapp.desk.records.history import Entry
from webapp.desk.records.models import Record
from webapp.desk.records.shown import reader_for
from webapp.desk.records.views.card import frame
from webapp.events.models import Event
from webapp.messaging.messages.models import Message
from webapp.people.accounts.models import Account
from webapp.people.accounts.rights import current_account, signed_in
from webapp.rules.explain import queries
from webapp.rules.explain.foresight import audience_of_comment
from webapp.rules.narration import told
from webapp.rules.narration.told import Telling

bp = Blueprint("explain", __name__, url_prefix="/records")


@bp.get("/<int:record_id>/notifications")
@signed_in
def notifications(record_id: int) -> ResponseReturnValue:
    """Show what the record told people: to staff all of it, to others what concerns themselves."""
    viewer = current_account()
    record = records.get_record(record_id, viewer) or abort(404)
    page = queries.list_events(record, viewer, request.args.get("cursor"))
    context = {"page": page, "told": _told(record, page.rows, viewer)}
    return render_template(
        "rules/explain/notifications.html", **frame(record, tab="notifications"), **context
    )


@slot("record.tabs", order=60)
def _tab(record: Record, **_more: object) -> Markup:
    context = {"record": record, "number": queries.count_messages(record, current_account())}
    return Markup(render_template("rules/explain/_tab.html", **context))  # noqa: S704 - our own template


@slot("record.comment_audience")
def _comment_audience(
    record: Record, *, is_internal: bool = False, body: str = "", **_more: object
) -> Markup | None:
    if not current_user.is_authenticated:
        return None
    audience = audience_of_comment(record, current_account(), body, is_internal=is_internal)
    context = {"audience": audience, "is_internal": is_internal}
    return Markup(render_template("rules/explain/_comment_audience.html", **context))  # noqa: S704 - our own template


@slot("message.rule")
def _rule(message: Message, **_more: object) -> str:
    return told.rule_name(message.rule_code)


@slot("message.role")
def _role(message: Message, **_more: object) -> str:
    return told.role_name(message.role)


def _told(record: Record, events: list[Event], viewer: Account) -> list[tuple[Entry, Telling]]:
    """Return each event in words with what came of it, without those of which the viewer may not hear."""
    reader = reader_for(viewer, page_language(), page_time_zone())
    entries = {
        entry.event.id: entry
        for entry in history.entries_of(record, events, reader, with_internal=viewer.is_staff)
    }
    found = told.tellings([event for event in events if event.id in entries], viewer=viewer)
    return [(entries[telling.event.id], telling) for telling in found if not telling.is_empty]
