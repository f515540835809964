"""The blueprint of the company card, its place in the menu, and what its pages show of a logo."""

from __future__ import annotations

import base64

from flask import Blueprint, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup

from webapp.core import config, menu
from webapp.core.slots import slot
from webapp.people.accounts.rights import is_technologist
from webapp.people.company import logos, settings
from webapp.people.company.forms import LogoForm

bp = Blueprint("company", __name__)


menu.add("system", _l("Company card"), "company.show", icon="building", order=30, who=is_technologist)


@bp.record
def set_up(state: BlueprintSetupState) -> None:
    """Give pages ``absolute_url(path)``."""
    state.app.jinja_env.globals["absolute_url"] = settings.absolute_url


@slot("page.banners", order=10)
def _address_banner() -> str | None:
    if not (current_user.is_authenticated and is_technologist(current_user)):
        return None
    if config.current().is_demo or request.endpoint == "company.edit" or settings.is_reached_from_outside():
        return None
    return Markup(render_template("people/company/_banner.html", address=settings.get().base_url))  # noqa: S704 - our own template


def card_page(form: LogoForm) -> str:
    """Return the whole card, with the form that uploads a logo."""
    company = settings.get()
    return render_template("people/company/show.html", company=company, form=form, logo_url=_logo_url())


def _logo_url() -> str:
    """Return the logo as an address that holds it: pages are the only place that show it."""
    mark = settings.get().logo
    png = logos.get_png(mark.sha256) if mark else None
    return "" if png is None else f"data:image/png;base64,{base64.b64encode(png).decode()}"
