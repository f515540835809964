"""The page of event actions: switches that act at once, what each row says, and what it did lately."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import htmx
from webapp.core.db import db
from webapp.core.locales import page_language, page_time_zone
from webapp.desk.record_templates.queries import get_template
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.rules.event_actions import queries, services, switchboard, trigger_words
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.services import Switch
from webapp.rules.event_actions.specimen import specimens
from webapp.rules.event_actions.switchboard import Board, Filters
from webapp.rules.event_actions.views.blueprint import CHANNEL_NAMES, bp, row_or_404


@bp.get("")
@technologist_only
def index() -> ResponseReturnValue:
    """Show the switchboard."""
    code, _colon, channel = request.args.get("flipped", "").partition(":")
    return _page(flipped_code=code, flipped_channel=channel)


@bp.get("/<code>")
@technologist_only
def show(code: str) -> ResponseReturnValue:
    """Show what one row says and did: a page of its own, or the opened row of the switchboard."""
    row = row_or_404(code)
    line = switchboard.look_at(row, page_language(), page_time_zone(), _filters().channels)
    if htmx.is_htmx():
        return _row_fragment(row, is_open=request.args.get("is_open") == "1")
    template = get_template(row.template) if row.template else None
    signs = trigger_words.describe_all(row, page_language(), template)
    context = {"line": line, "specimens": specimens(row), "latest": queries.list_latest(row)}
    return render_template("rules/event_actions/show.html", signs=signs, topic=line.topic, **context)


@bp.post("/<code>/<channel_name>")
@technologist_only
def switch(code: str, channel_name: str) -> ResponseReturnValue:
    """Flip one switch."""
    row, chosen = _switch_or_404(code, channel_name)
    services.switch([(row, chosen)], is_on=_wanted(), actor=current_account())
    db.session.commit()
    if not htmx.is_htmx():
        return htmx.redirect(_back(flipped=f"{code}:{channel_name}"))
    return _row_fragment(row, is_open=request.args.get("is_open") == "1", flipped=chosen, board=_board())


@bp.post("")
@technologist_only
def switch_many() -> ResponseReturnValue:
    """Turn many switches on or off; the page that follows can take it back."""
    wanted = [_switch_or_404(*name.partition(":")[::2]) for name in request.form.getlist("switch")]
    is_on = _wanted()
    moved = services.switch(wanted, is_on=is_on, actor=current_account())
    db.session.commit()
    return _page(moved=moved, moved_to=is_on)


def _page(**more: object) -> str:
    board = _board()
    context = {
        "board": board,
        "filters": board.filters,
        "role_choices": [(role, board.words.roles[role]) for role in switchboard.roles()],
        "channel_choices": [(channel.value, name) for channel, name in CHANNEL_NAMES.items()],
    }
    return render_template("rules/event_actions/index.html", **context, **more)


def _board() -> Board:
    return switchboard.look(_filters(), page_language(), page_time_zone())


def _filters() -> Filters:
    return Filters.from_address(request.args)


def _row_fragment(
    row: EventAction, *, is_open: bool, flipped: Channel | None = None, board: Board | None = None
) -> str:
    filters = _filters()
    line = switchboard.look_at(row, page_language(), page_time_zone(), filters.channels)
    context = {"line": line, "filters": filters, "is_open": is_open, "flipped": flipped, "board": board}
    details = {"specimens": specimens(row), "latest": queries.list_latest(row)} if is_open else {}
    return render_template("rules/event_actions/_row_answer.html", **context, **details)


def _back(**more: str) -> str:
    query: dict[str, Any] = _filters().in_address() | more
    return url_for("event_actions.index", **query)


def _wanted() -> bool:
    value = request.form.get("is_on")
    if value not in {"0", "1"}:
        abort(400)
    return value == "1"


def _switch_or_404(code: str, channel: str) -> Switch:
    row = row_or_404(code)
    if channel not in {one.value for one in row.channels}:
        abort(404)
    return row, Channel(channel)
