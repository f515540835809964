"""The first page, which shows what waits for the person, and the page behind the gear."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.core import menu, slots
from webapp.home.first_steps import FirstStep, list_first_steps
from webapp.people.accounts.rights import current_account, require, signed_in

bp = Blueprint("home", __name__)

menu.add("work", _l("My work"), "home.index", icon="home", order=10)


@bp.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """Show what waits for the person: upper packages fill the place ``home.boxes``."""
    boxes = slots.render("home.boxes", account=current_account())
    return render_template("home/index.html", boxes=boxes)


@bp.get("/settings")
@signed_in
def settings() -> ResponseReturnValue:
    """Show everything behind the gear that the person may open, and what a fresh system still needs."""
    sections = menu.menu_for(current_account()).settings
    require(sections)
    steps = list_first_steps() if current_account().is_technologist else []
    first_steps = [_as_item(step) for step in steps]
    return render_template("home/settings.html", sections=sections, first_steps=first_steps)


def _as_item(step: FirstStep) -> dict[str, object]:
    """Return the step as the list of steps on a page takes it."""
    values: dict[str, Any] = {} if step.connection_id is None else {"connection_id": step.connection_id}
    state = "done" if step.is_done else "waiting"
    return {"title": step.title, "text": step.text, "url": url_for(step.endpoint, **values), "state": state}
