"""The page of event actions: switches that act at once, what each row says, and what it did lately."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp.core import htmx
from webapp.core.db import db
from webapp.core.locales import page_language, page_time_zone
from webapp.desk.record_templates.queries import get_template
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.rules.event_actions import queries, services, switchboard, trigger_words
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.pages import EVENT_ACTIONS, page_of
from webapp.rules.event_actions.specimen import specimens
from webapp.rules.event_actions.switchboard import Board
from webapp.rules.event_actions.views import boards
from webapp.rules.event_actions.views.blueprint import bp, row_or_404

TEMPLATE = "rules/event_actions/index.html"


@bp.get("")
@technologist_only
def index() -> ResponseReturnValue:
    """Show the switchboard."""
    return boards.show(EVENT_ACTIONS, TEMPLATE)


@bp.post("")
@technologist_only
def switch_many() -> ResponseReturnValue:
    """Turn many switches on or off; the page that follows can take it back."""
    moved = boards.switch_many()
    db.session.commit()
    return boards.show(EVENT_ACTIONS, TEMPLATE, **moved)


@bp.get("/<code>")
@technologist_only
def show(code: str) -> ResponseReturnValue:
    """Show what one row says and did: a page of its own, or the opened row of its switchboard."""
    row = row_or_404(code)
    filters = boards.filters_of(page_of(row))
    if htmx.is_htmx():
        return _row_fragment(row, is_open=request.args.get("is_open") == "1")
    line = switchboard.look_at(row, page_language(), page_time_zone(), filters.channels)
    template = get_template(row.template) if row.template else None
    signs = trigger_words.describe_all(row, page_language(), template)
    context = {"line": line, "specimens": specimens(row), "latest": queries.list_latest(row)}
    return render_template("rules/event_actions/show.html", signs=signs, topic=line.topic, **context)


@bp.post("/<code>/<channel_name>")
@technologist_only
def switch(code: str, channel_name: str) -> ResponseReturnValue:
    """Flip one switch."""
    row, chosen = boards.switch_or_404(code, channel_name)
    services.switch([(row, chosen)], is_on=boards.wanted(), actor=current_account())
    db.session.commit()
    if not htmx.is_htmx():
        return htmx.redirect(boards.address(page_of(row), flipped=f"{code}:{channel_name}"))
    board = boards.board_of(page_of(row))
    return _row_fragment(row, is_open=request.args.get("is_open") == "1", flipped=chosen, board=board)


def _row_fragment(
    row: EventAction, *, is_open: bool, flipped: Channel | None = None, board: Board | None = None
) -> str:
    filters = boards.filters_of(page_of(row))
    line = switchboard.look_at(row, page_language(), page_time_zone(), filters.channels)
    context = {"line": line, "filters": filters, "is_open": is_open, "flipped": flipped}
    details = {"specimens": specimens(row), "latest": queries.list_latest(row)} if is_open else {}
    return render_template("rules/event_actions/_row_answer.html", board=board, **context, **details)
