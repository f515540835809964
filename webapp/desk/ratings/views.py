"""The page on which a requester rates the work by a link, and the ratings on the card."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_login import current_user
from markupsafe import Markup

from webapp.core.db import db
from webapp.core.extensions import csrf, limiter
from webapp.core.locales import LANGUAGE_COOKIE, language_or_default, page_language
from webapp.core.slots import slot
from webapp.desk.ratings import queries, services
from webapp.desk.ratings.forms import RatingForm
from webapp.desk.ratings.invitations import Invitation
from webapp.desk.ratings.queries import Opened
from webapp.desk.records.models import Record
from webapp.people.accounts.rights import current_account, public

bp = Blueprint("ratings", __name__, url_prefix="/ratings")


def is_refused(response: Response) -> bool:
    """Count only links that open nothing."""
    return response.status_code == 410


no_guessing = limiter.limit("30 per minute; 300 per hour", deduct_when=is_refused)


@bp.route("/<invitation>", methods=["GET", "POST"])
@public
@no_guessing
def rate(invitation: str) -> ResponseReturnValue:
    """Let the owner of the link rate the work; looking at the page, as scanners of mail do, rates nothing."""
    opened = _open(invitation)
    with force_locale(_language(opened)):
        if opened is None:
            return _private(render_template("desk/ratings/refused.html"), 410)
        form = RatingForm(obj=opened.rating)
        if request.method == "GET":
            form.preselect(request.args.get("stars") or _stars_of(opened))
            return _page(opened, form)
        if not form.validate():
            return _page(opened, form, 400 if form.csrf_token.errors else 422)
        return _rated(opened, form)


# The form checks its token itself: Flask-WTF would also want the Referer that this page forbids.
csrf.exempt(rate)


@slot("record.side", order=30)
def _ratings(record: Record, **_more: object) -> Markup | None:
    """Show what was said of the record, and to its requester where to say it."""
    ratings = queries.list_ratings(record)
    link = _link_for_me(record)
    if not (ratings or link):
        return None
    context = {"ratings": ratings, "link": link}
    return Markup(render_template("desk/ratings/_ratings.html", **context))  # noqa: S704 - our own template


def _link_for_me(record: Record) -> str | None:
    if not current_user.is_authenticated or current_account().id != record.requester_id:
        return None
    closing = queries.latest_closing(record)
    if closing is None:
        return None
    invitation = Invitation(closing.id, record.requester_id)
    opened = queries.open_invitation(invitation)
    return invitation.path if opened is not None and not opened.is_settled else None


def _open(token: str) -> Opened | None:
    invitation = Invitation.read(token)
    return queries.open_invitation(invitation) if invitation else None


def _language(opened: Opened | None) -> str:
    """What the reader chose in this browser, else the language of their account."""
    has_chosen = current_user.is_authenticated or LANGUAGE_COOKIE in request.cookies
    if has_chosen or opened is None or opened.account is None:
        return page_language()
    return language_or_default(opened.account.language)


def _stars_of(opened: Opened) -> str | None:
    return str(opened.rating.stars) if opened.rating else None


def _rated(opened: Opened, form: RatingForm) -> ResponseReturnValue:
    try:
        services.rate(opened, stars=int(form.stars.data), comment=form.comment.data or "")
    except services.RatingSettled:
        db.session.rollback()
        return _page(opened, form, 409, is_settled=True)
    db.session.commit()
    return _private(render_template("desk/ratings/thanks.html", stars=int(form.stars.data)), 200)


def _page(opened: Opened, form: RatingForm, status: int = 200, *, is_settled: bool = False) -> Response:
    context = {"opened": opened, "form": form, "is_settled": is_settled or opened.is_settled}
    return _private(render_template("desk/ratings/rate.html", **context), status)


def _private(page: str, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address of this page is the secret
    response.headers["Cache-Control"] = "no-store"
    return response
