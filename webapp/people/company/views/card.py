"""The company card and the form of its settings."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.db import db
from webapp.core.htmx import redirect, toast
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.people.company import settings
from webapp.people.company.forms import CompanyForm, LogoForm
from webapp.people.company.views.blueprint import bp, card_page


@bp.get("/settings/company")
@technologist_only
def show() -> ResponseReturnValue:
    """Show the card."""
    return card_page(LogoForm())


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
    settings.change(form.card(company), actor=current_account())
    db.session.commit()
    toast(_("The company card is saved."))
    return redirect(url_for("company.show"))
