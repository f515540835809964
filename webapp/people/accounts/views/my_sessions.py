"""Where one is signed in, and how to end that."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core.db import db
from webapp.core.htmx import redirect, toast
from webapp.people.accounts import queries, services
from webapp.people.accounts.devices import describe_device
from webapp.people.accounts.models import AccountSession
from webapp.people.accounts.rights import current_account, current_session_id, signed_in
from webapp.people.accounts.views import browser
from webapp.people.accounts.views.blueprint import bp


@dataclass(frozen=True)
class SessionLine:
    """One session as the page shows it."""

    session: AccountSession
    browser_name: str
    system_name: str
    is_present: bool


@bp.get("/profile/sessions")
@signed_in
def sessions() -> ResponseReturnValue:
    """List one's sessions."""
    lines = [
        SessionLine(each, *describe_device(each.user_agent), is_present=each.id == current_session_id())
        for each in queries.list_sessions(current_account().id)
    ]
    return render_template("people/accounts/sessions.html", lines=lines)


@bp.post("/profile/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions; the present one too."""
    mine = {each.id: each for each in queries.list_sessions(current_account().id)}
    if session_id not in mine:
        abort(404)
    services.end_session(mine[session_id])
    db.session.commit()
    toast(_("The session has ended."))
    if session_id == current_session_id():
        return browser.forget_session(redirect(url_for("accounts.sign_in")))
    return redirect(url_for("accounts.sessions"))


@bp.post("/profile/sessions/end-others")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    """Stay signed in here only."""
    ended = services.end_other_sessions(current_account(), current_session_id())
    db.session.commit()
    toast(ngettext("%(num)d other session has ended.", "%(num)d other sessions have ended.", ended))
    return redirect(url_for("accounts.sessions"))
