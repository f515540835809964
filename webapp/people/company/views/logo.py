"""The logo of mails: uploaded and taken away."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.db import db
from webapp.core.htmx import redirect, toast
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.people.company import logos
from webapp.people.company.forms import LogoForm
from webapp.people.company.views.blueprint import bp, card_page


@bp.post("/settings/company/logo")
@technologist_only
def upload_logo() -> ResponseReturnValue:
    """Make the uploaded picture the logo of mails."""
    db.session.rollback()  # to read a picture takes a while, and must not keep others from writing
    form = LogoForm()
    if not form.validate() or form.logo is None:
        return card_page(form), 422
    logos.set_logo(form.logo, actor=current_account())
    db.session.commit()
    toast(_("The logo is saved. E-mails written from now on carry it."))
    return redirect(url_for("company.show", _anchor="logo"))


@bp.post("/settings/company/logo/remove")
@technologist_only
def remove_logo() -> ResponseReturnValue:
    """Let mails carry no logo."""
    logos.remove_logo(actor=current_account())
    db.session.commit()
    toast(_("E-mails written from now on carry no logo."))
    return redirect(url_for("company.show", _anchor="logo"))
