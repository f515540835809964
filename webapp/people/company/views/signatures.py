"""The signatures of mails: typed as HTML, seen as they will be sent, saved without what may not be sent."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.db import db
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.people.company import settings
from webapp.people.company.forms import SignatureForm
from webapp.people.company.signature import plain_signature
from webapp.people.company.views.blueprint import bp


@bp.get("/settings/company/signatures")
@technologist_only
def edit_signatures() -> ResponseReturnValue:
    """Show the signatures for changing."""
    return _page(SignatureForm(obj=settings.get()))


@bp.post("/settings/company/signatures")
@technologist_only
def save_signatures() -> ResponseReturnValue:
    """Save the signatures, or show the preview alone when that is asked for."""
    form = SignatureForm()
    is_good, is_preview = form.validate(), "preview" in request.form
    if is_preview or not is_good:
        db.session.rollback()
        preview_only = is_preview and is_htmx()
        return _preview(form) if preview_only else _page(form), 200 if is_good or preview_only else 422
    russian, english = form.signature_ru.signature, form.signature_en.signature
    settings.change_signatures(russian.html, english.html, actor=current_account())
    db.session.commit()
    _say_saved(form.taken_out())
    return redirect(url_for("company.show"))


def _say_saved(taken_out: list[str]) -> None:
    if taken_out:
        names = ", ".join(taken_out)
        toast(_("Saved. Taken out, since it may not stand in e-mails: %(names)s.", names=names), "warning")
    else:
        toast(_("The signatures are saved. E-mails written from now on carry them."))


def _page(form: SignatureForm) -> str:
    return render_template("people/company/edit_signatures.html", form=form, shown=_shown(form))


def _preview(form: SignatureForm) -> str:
    return render_template("people/company/_signature_preview.html", form=form, shown=_shown(form))


def _shown(form: SignatureForm) -> list[tuple[object, str, str]]:
    """Return for each signature its name, its HTML and its plain form."""
    fields = (form.signature_ru, form.signature_en)
    return [(each.label.text, each.signature.html, plain_signature(each.signature.html)) for each in fields]
