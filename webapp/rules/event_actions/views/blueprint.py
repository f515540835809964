"""The blueprint of event actions, its place in the menu, and what its pages begin with."""

from __future__ import annotations

from flask import Blueprint, abort
from flask_babel import lazy_gettext as _l

from webapp.core import menu
from webapp.core.locales import LANGUAGES
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.rights import is_technologist
from webapp.rules.event_actions import catalogue, switchboard
from webapp.rules.event_actions.catalogue import EventAction
from webapp.rules.event_actions.pages import EVENT_ACTIONS

bp = Blueprint("event_actions", __name__, url_prefix="/settings/event-actions")

menu.add("system", EVENT_ACTIONS.title, "event_actions.index", icon="bolt", order=20, who=is_technologist)

CHANNEL_NAMES = {Channel.EMAIL: _l("E-mail"), Channel.PUSH: _l("Push")}


@bp.context_processor
def _names() -> dict[str, object]:
    return {"channel_names": CHANNEL_NAMES}


def language_or_404(language: str) -> str:
    """Return the language, or answer that there is none."""
    return language if language in LANGUAGES else abort(404)


def row_or_404(code: str) -> EventAction:
    """Return the row of the page with the code, or answer that there is none."""
    row = catalogue.row(code)
    if row is None or row not in switchboard.switchable_rows():
        abort(404)
    return row
