"""The first page, which shows what waits for the person, and the page behind the gear."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.core import menu, slots
from webapp.home.first_steps import list_first_steps
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
    first_steps = list_first_steps() if current_account().is_technologist else []
    return render_template("home/settings.html", sections=sections, first_steps=first_steps)
