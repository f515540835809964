"""The pages of the company card."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup

from webapp.core import config, menu
from webapp.core.db import db
from webapp.core.htmx import redirect, toast
from webapp.core.slots import slot
from webapp.people.accounts.rights import current_account, is_technologist, technologist_only
from webapp.people.company import settings
from webapp.people.company.forms import CompanyForm

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


@bp.get("/settings/company")
@technologist_only
def show() -> ResponseReturnValue:
    """Show the card."""
    return render_template("people/company/show.html", company=settings.get())


@bp.route("/settings/company/edit", methods=["GET", "POST"])
@technologist_only
def edit() -> ResponseReturnValue:
    """Change the card."""
    company = settings.get()
    form = CompanyForm(obj=company)
    form.time_zone.keep_present(company.time_zone)
    if request.method == "GET":
        return render_template("people/company/edit.html", form=form)
    if not form.validate():
        return render_template("people/company/edit.html", form=form), 422
    settings.change(form.card(), actor=current_account())
    db.session.commit()
    toast(_("The company card is saved."))
    return redirect(url_for("company.show"))
