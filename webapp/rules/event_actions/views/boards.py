"""What the pages of rows have in common: filters, the board with its switches, flipping many at once."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for

from webapp.core.locales import page_language, page_time_zone
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.rights import current_account
from webapp.rules.event_actions import services, switchboard
from webapp.rules.event_actions.pages import Page
from webapp.rules.event_actions.services import Switch
from webapp.rules.event_actions.switchboard import Board, Filters
from webapp.rules.event_actions.views.blueprint import CHANNEL_NAMES, row_or_404


def show(page: Page, template: str, **more: object) -> str:
    """Return the page; after a flip without JavaScript its row says what was done."""
    board = board_of(page)
    code, _colon, channel = request.args.get("flipped", "").partition(":")
    context = {
        "page": page,
        "board": board,
        "filters": board.filters,
        "role_choices": [(role, board.words.roles[role]) for role in page.roles],
        "channel_choices": [(channel.value, name) for channel, name in CHANNEL_NAMES.items()],
        "channel_names": CHANNEL_NAMES,
        "flipped_code": code,
        "flipped_channel": channel,
    }
    return render_template(template, **context, **more)


def switch_many() -> dict[str, object]:
    """Turn the switches that were sent on or off, and return what the page says of it."""
    named = [switch_or_404(*name.partition(":")[::2]) for name in request.form.getlist("switch")]
    is_on = wanted()
    return {"moved": services.switch(named, is_on=is_on, actor=current_account()), "moved_to": is_on}


def board_of(page: Page) -> Board:
    """Return the board as the address filters it."""
    return switchboard.look(page, filters_of(page), page_language(), page_time_zone())


def filters_of(page: Page) -> Filters:
    """Return what the address asks for."""
    return Filters.from_address(request.args, page)


def address(page: Page, **more: str) -> str:
    """Return where the page stands with the same filters."""
    query: dict[str, Any] = filters_of(page).in_address() | more
    return url_for(f"{page.name}.index", **query)


def wanted() -> bool:
    """Return whether on or off was sent; anything else is no request of ours."""
    value = request.form.get("is_on")
    if value not in {"0", "1"}:
        abort(400)
    return value == "1"


def switch_or_404(code: str, channel: str) -> Switch:
    """Return the row's switch for the channel."""
    row = row_or_404(code)
    if channel not in {one.value for one in row.channels}:
        abort(404)
    return row, Channel(channel)
