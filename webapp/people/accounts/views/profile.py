"""People's own account: what they say about themselves, and their password."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core.db import db
from webapp.core.htmx import redirect, toast
from webapp.people.accounts import queries, services
from webapp.people.accounts.forms import ChangePasswordForm, ProfileForm
from webapp.people.accounts.forms.fields import refuse, text_of, words_of
from webapp.people.accounts.passwords import PasswordRefused
from webapp.people.accounts.rights import current_account, current_session_id, signed_in
from webapp.people.accounts.views.blueprint import bp


@bp.route("/profile", methods=["GET", "POST"])
@signed_in
def profile() -> ResponseReturnValue:
    """Show and change one's own account."""
    account = current_account()
    form = ProfileForm.of(account)
    if request.method == "GET":
        return render_template("people/accounts/profile.html", form=form, account=account)
    if form.validate() and _save(form):
        db.session.commit()
        toast(_("Your profile is saved."))
        return redirect(url_for("accounts.profile"))
    return render_template("people/accounts/profile.html", form=form, account=current_account()), 422


@bp.route("/profile/password", methods=["GET", "POST"])
@signed_in
def change_password() -> ResponseReturnValue:
    """Change one's own password; it ends one's other sessions."""
    form = ChangePasswordForm()
    if request.method == "GET":
        return render_template("people/accounts/change_password.html", form=form)
    if form.validate():
        try:
            ended = services.change_own_password(
                current_account(),
                text_of(form.present),
                text_of(form.password),
                kept_session_id=current_session_id(),
            )
        except services.WrongPassword:
            refuse(form.present, _("This is not your present password."))
        except PasswordRefused as error:
            refuse(form.password, words_of(error))
        else:
            db.session.commit()
            toast(_password_changed(ended))
            return redirect(url_for("accounts.profile"))
    return render_template("people/accounts/change_password.html", form=form), 422


def _save(form: ProfileForm) -> bool:
    """Save the profile; returns whether it could be, with the error in the form."""
    account = current_account()
    is_new_address = queries.normal_email(text_of(form.email)) != account.email
    try:
        if is_new_address:  # whoever finds an open browser must not take the account over
            services.confirm_password(account, text_of(form.present_password))
        services.change_account(
            account,
            actor=account,
            email=text_of(form.email),
            name=text_of(form.name),
            language=form.language.data,
            time_zone=form.time_zone.data,
            place=form.place if account.is_technologist else None,
        )
    except services.WrongPassword:
        refuse(form.present_password, _("To change the address, write your present password."))
    except services.AddressTaken:
        refuse(form.email, _("Another account has this address."))
    except services.ManagerCircle as error:
        form.refuse_circle(error)
    return not form.errors


def _password_changed(ended: int) -> str:
    if not ended:
        return str(_("Your password is changed."))
    return str(
        ngettext(
            "Your password is changed. %(num)d other session has ended.",
            "Your password is changed. %(num)d other sessions have ended.",
            ended,
        )
    )
