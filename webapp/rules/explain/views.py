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
from webapp.rules.explain import queries, verdicts
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


@bp.get("/<int:record_id>/notifications/<int:event_id>")
@signed_in
def event(record_id: int, event_id: int) -> ResponseReturnValue:
    """Show everybody whom one event told, and to staff which rows looked at it and what they waited for."""
    viewer = current_account()
    record = records.get_record(record_id, viewer) or abort(404)
    found = queries.get_event(record, event_id) or abort(404)
    told_of = _told(record, [found], viewer, with_empty=True) or abort(404)
    page = queries.list_messages(found, viewer, request.args.get("cursor"))
    rows = verdicts.rows_that_looked(found, record) if viewer.is_staff else []
    context = {
        "one": told_of[0][0],
        "telling": told_of[0][1],
        "page": page,
        "heard": told.heard_of(page.rows),
    }
    return render_template(
        "rules/explain/event.html", rows=rows, **frame(record, tab="notifications"), **context
    )


@bp.get("/<int:record_id>/why")
@signed_in
def why(record_id: int) -> ResponseReturnValue:
    """Say why somebody heard of what happened or did not: to staff of anybody, to others of themselves."""
    viewer = current_account()
    record = records.get_record(record_id, viewer) or abort(404)
    person = queries.get_person(request.args.get("person")) if viewer.is_staff else viewer
    search = request.args.get("search", "").strip()
    context: dict[str, object] = {
        "person": person,
        "search": search,
        "people": queries.find_people(search) if search else queries.list_people(record),
        "page": None,
        "answers": [],
    }
    if person is not None:
        context |= _answers(record, person, viewer)
    return render_template("rules/explain/why.html", **frame(record, tab="notifications"), **context)


def _answers(record: Record, person: Account, viewer: Account) -> dict[str, object]:
    cursor = request.args.get("cursor")
    page = records.page_of_history(record.id, cursor, with_internal=viewer.is_staff)
    entries = _entries(record, page.rows, viewer)
    known = [each for each in page.rows if each.id in entries]
    found = verdicts.verdicts(record, known, person, viewer)
    return {"page": page, "answers": [(entries[one.telling.event.id], one) for one in found]}


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


def _told(
    record: Record, events: list[Event], viewer: Account, *, with_empty: bool = False
) -> list[tuple[Entry, Telling]]:
    """Return each event in words with what came of it, without those of which the viewer may not hear."""
    entries = _entries(record, events, viewer)
    found = told.tellings([event for event in events if event.id in entries], viewer=viewer)
    return [(entries[one.event.id], one) for one in found if with_empty or not one.is_empty]


def _entries(record: Record, events: list[Event], viewer: Account) -> dict[int, Entry]:
    reader = reader_for(viewer, page_language(), page_time_zone())
    found = history.entries_of(record, events, reader, with_internal=viewer.is_staff)
    return {entry.event.id: entry for entry in found}
