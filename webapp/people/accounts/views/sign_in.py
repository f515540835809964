"""Signing in and out, and a new password for who forgot it."""

from __future__ import annotations

from datetime import timedelta

from flask import make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user

from webapp.core import config
from webapp.core.db import db
from webapp.core.extensions import csrf
from webapp.core.htmx import redirect, toast
from webapp.core.own_site import own_path
from webapp.people.accounts import queries, services
from webapp.people.accounts.forms import ForgottenPasswordForm, NewPasswordForm, SignInForm
from webapp.people.accounts.forms.fields import refuse, text_of, words_of
from webapp.people.accounts.models import AccountSession
from webapp.people.accounts.passwords import PasswordRefused
from webapp.people.accounts.rights import current_session_id, public, signed_in
from webapp.people.accounts.views import browser, limits
from webapp.people.accounts.views.blueprint import bp


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@limits.from_one_address
@limits.from_one_address_for_one_account
@limits.from_anywhere_for_one_account
def sign_in() -> ResponseReturnValue:
    """Ask who it is."""
    form = SignInForm(data={"next": own_path(request.args.get("next"))})
    if request.method == "GET":
        return _sign_in_page(form)
    if form.validate():
        try:
            opened = _sign_in(form)
        except services.SignInRefused:
            form.form_errors.append(_("Address and password do not fit together."))
        else:
            return let_in(*opened, email=text_of(form.email), next_page=form.next.data)
    return render_template("people/accounts/sign_in.html", form=form), 422


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    present = db.session.get(AccountSession, current_session_id())
    if present is not None:
        services.end_session(present)
    db.session.commit()
    session.clear()
    toast(_("You have signed out."))
    return browser.forget_session(redirect(url_for("accounts.sign_in")))


@bp.route("/forgotten-password", methods=["GET", "POST"])
@public
@limits.asking_for_links
def request_password() -> ResponseReturnValue:
    """Send a link to the address; the answer is the same whether or not somebody has it."""
    form = ForgottenPasswordForm()
    if request.method == "GET":
        return render_template("people/accounts/request_password.html", form=form)
    if not form.validate():
        return render_template("people/accounts/request_password.html", form=form), 422
    services.request_password_link(text_of(form.email))
    db.session.commit()
    minutes = int(services.LINK_LIVES.total_seconds() // 60)
    return render_template("people/accounts/link_requested.html", email=text_of(form.email), minutes=minutes)


@bp.route("/set-password/<token>", methods=["GET", "POST"])
@public
def use_password_link(token: str) -> ResponseReturnValue:
    """Let the owner of the link set a password; looking at the page uses nothing up."""
    form = NewPasswordForm()
    if request.method == "GET":
        link = queries.get_usable_link(token)
        return _password_page(form, link.account.email if link else None)
    if form.validate():
        try:
            services.use_password_link(token, text_of(form.password))
        except services.LinkRefused:
            return _password_page(form, None)
        except PasswordRefused as error:
            refuse(form.password, words_of(error))
        else:
            db.session.commit()
            toast(_("Your password is set. Sign in with it."))
            return _without_referrer(redirect(url_for("accounts.sign_in")))
    link = queries.get_usable_link(token)
    return _password_page(form, link.account.email if link else None, status=422)


# The form checks its token itself: Flask-WTF would also want the Referer that this page forbids.
csrf.exempt(use_password_link)


def let_in(opened: AccountSession, token: str, *, email: str, next_page: str | None) -> ResponseReturnValue:
    """Commit the session and send the browser on with its token, without anything that it carried before."""
    db.session.commit()
    session.clear()
    return browser.keep_session(redirect(own_path(next_page)), opened, token, email)


def session_lifetime() -> timedelta:
    """Return how long a sign-in lasts."""
    return timedelta(days=config.current().session_days)


def user_agent() -> str:
    """Return what the browser calls itself."""
    return request.user_agent.string


def _sign_in(form: SignInForm) -> tuple[AccountSession, str]:
    opened = services.sign_in(
        text_of(form.email),
        text_of(form.password),
        address=get_remote_address(),
        user_agent=user_agent(),
        lifetime=session_lifetime(),
    )
    _end_replaced_session()
    return opened


def _end_replaced_session() -> None:
    if current_user.is_authenticated:
        replaced = db.session.get(AccountSession, current_session_id())
        if replaced is not None:
            services.end_session(replaced)


def _sign_in_page(form: SignInForm) -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(own_path(request.args.get("next")))
    if not queries.has_accounts():
        return redirect(url_for("accounts.first_technologist"))
    return render_template("people/accounts/sign_in.html", form=form)


def _password_page(form: NewPasswordForm, email: str | None, *, status: int = 200) -> ResponseReturnValue:
    if email is None:
        return _without_referrer(make_response(render_template("people/accounts/link_refused.html"), 410))
    if form.csrf_token.errors:
        status = 400
    page = render_template("people/accounts/use_password_link.html", form=form, email=email)
    return _without_referrer(make_response(page, status))


def _without_referrer(response: ResponseReturnValue) -> ResponseReturnValue:
    answer = make_response(response)
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address of this page is the secret
    return answer
