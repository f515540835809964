"""The first page of an empty system: who sets it up."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address

from webapp.core.htmx import redirect, toast
from webapp.core.locales import page_language
from webapp.people.accounts import queries, services
from webapp.people.accounts.forms import FirstTechnologistForm
from webapp.people.accounts.forms.fields import refuse, text_of, words_of
from webapp.people.accounts.models import AccountSession
from webapp.people.accounts.passwords import PasswordRefused
from webapp.people.accounts.rights import public
from webapp.people.accounts.views import limits
from webapp.people.accounts.views.blueprint import bp
from webapp.people.accounts.views.sign_in import let_in, session_lifetime, user_agent

ZONES_OF_LANGUAGES = {"ru": "Europe/Moscow"}


@bp.route("/first-account", methods=["GET", "POST"])
@public
@limits.making_the_first
def first_technologist() -> ResponseReturnValue:
    """Make the first technologist and sign them in; once there is an account, nobody comes here."""
    language = page_language()
    form = FirstTechnologistForm(
        data={"language": language, "time_zone": ZONES_OF_LANGUAGES.get(language, "UTC")}
    )
    if request.method == "GET":
        return _first_page(form)
    if form.validate():
        try:
            opened = _make_first(form)
        except services.NotEmpty:
            return _not_any_more()
        except PasswordRefused as error:
            refuse(form.password, words_of(error))
        else:
            answer = let_in(*opened, email=text_of(form.email), next_page="/")
            toast(_("Welcome. You are the first technologist of this system."))
            return answer
    if queries.has_accounts():
        return _not_any_more()
    return render_template("people/accounts/first_technologist.html", form=form), 422


def _make_first(form: FirstTechnologistForm) -> tuple[AccountSession, str]:
    account = services.create_first_account(
        text_of(form.email),
        text_of(form.name),
        form.language.data,
        form.time_zone.data,
        text_of(form.password),
    )
    return services.start_session(
        account, address=get_remote_address(), user_agent=user_agent(), lifetime=session_lifetime()
    )


def _first_page(form: FirstTechnologistForm) -> ResponseReturnValue:
    if queries.has_accounts():
        return redirect(url_for("accounts.sign_in"))
    return render_template("people/accounts/first_technologist.html", form=form)


def _not_any_more() -> ResponseReturnValue:
    toast(_("Somebody has made the first account already. Ask them for yours."), "warning")
    return redirect(url_for("accounts.sign_in"))
