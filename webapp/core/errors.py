"""Error pages: each error in plain words, as a page or as a toast, even when there is no database to ask."""

from __future__ import annotations

import logging
import math

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, ServiceUnavailable, TooManyRequests

from webapp.core.config import MEBIBYTE
from webapp.core.db import SAFE_METHODS
from webapp.core.htmx import is_htmx
from webapp.core.locales import DEFAULT_LANGUAGE, LANGUAGE_COOKIE, LANGUAGES
from webapp.core.own_site import is_surely_ours
from webapp.core.typed_text import typed_form
from webapp.core.unread import read_rest

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 10
# SQLite calls mistakes of a program operational errors too; these do not go away by waiting.
MISTAKES = ("no such table", "no such column", "has no column", "syntax error", "no such function")
LAST_RESORT = (
    "<!doctype html><title>Vestnik</title><h1>Something broke on our side</h1><p>Try again in a minute.</p>"
)


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, show_known)
    app.register_error_handler(CSRFError, show_unproven)
    app.register_error_handler(OperationalError, show_no_database)
    app.register_error_handler(PoolTimeout, show_no_database)
    app.register_error_handler(500, show_unknown)


def show_known(error: HTTPException) -> Response:
    """Answer an error that the program raised on purpose; a finished answer inside it goes out as it is."""
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    response = _answer(status, is_bare=status >= 500, **_details(error))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def show_unproven(_error: CSRFError) -> Response:
    """Answer a form whose token does not fit; what was typed comes back, ready to be sent again.

    Only for a form that surely came from one of our own pages: otherwise another site could fill one in and
    leave it to the person to press the button.
    """
    reason = _("The page was open for too long, or you have signed in or out since. Nothing has been saved.")
    if not is_surely_ours():
        return _answer(400, is_bare=False, reason=reason)
    if not is_htmx():
        return _answer(400, is_bare=False, reason=reason, typed=typed_form(generate_csrf()))
    response = _answer(400, is_bare=False, reason=_("%(what_happened)s Send it again.", what_happened=reason))
    response.headers["X-CSRFToken"] = generate_csrf()  # the page stays open and takes it: see app.js
    return response


def show_no_database(error: SQLAlchemyError) -> Response:
    """Answer that the database cannot be reached, or is too busy: 503, and the reason goes to the log."""
    if any(mistake in str(error.args) for mistake in MISTAKES):
        logger.error("A query is wrong", exc_info=error)
        return show_unknown(error)
    logger.error("The database did not answer %s %s: %s", request.method, request.path, error)
    response = _answer(ServiceUnavailable.code, is_bare=True, typed=typed_form())
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def show_unknown(_error: Exception) -> Response:
    """Answer what nobody foresaw; Flask has written it to the log already."""
    return _answer(500, is_bare=True)


def _details(error: HTTPException) -> dict[str, object]:
    """Return what the page says besides the words of its status."""
    details: dict[str, object] = {}
    if isinstance(error, RequestEntityTooLarge):
        read_rest()
        limit = _broken_limit()
        details["limit"] = f"{limit / MEBIBYTE:.2g}" if limit else None
    if error.code == 401 and request.method not in SAFE_METHODS:
        details["typed"] = typed_form()
        details["reason"] = _(
            "Your session has ended, nothing has been saved. Sign in in another tab, then send it again here."
        )
    if isinstance(error, TooManyRequests):
        wait = error.retry_after
        details["retry_after"] = math.ceil(wait) if isinstance(wait, (int, float)) else None
    return details


def _broken_limit() -> int | None:
    """Return the limit that the request broke: what a form's text may hold is less than what a file may."""
    whole, text = request.max_content_length, request.max_form_memory_size
    length = request.content_length
    is_text = length is not None and text is not None and text < length <= (whole or length)
    return (
        text
        if is_text and request.mimetype == "multipart/form-data"
        else whole or current_app.config["MAX_CONTENT_LENGTH"]
    )


def _answer(status: int, *, is_bare: bool, **details: object) -> Response:
    try:
        return _render(status, is_bare=is_bare, **details)
    except Exception:
        logger.exception("The page for error %s could not be shown", status)
    try:
        return _render(status, is_bare=True, **details)
    except Exception:
        logger.exception("Nor could the plain page for error %s", status)
        return Response(LAST_RESORT, status=status, mimetype="text/html")


def _render(status: int, *, is_bare: bool, **details: object) -> Response:
    name = "errors/_error.html" if is_htmx() else "errors/error.html"
    if not is_bare:
        return make_response(render_template(name, status=status, is_bare=False, **details), status)
    # Neither the account's language nor the context of render_template (who is signed in) may be asked for:
    # both are in the database, which may be what broke.
    with force_locale(_language_of_browser()):
        page = current_app.jinja_env.get_template(name).render(status=status, is_bare=True, **details)
    return make_response(page, status)


def _language_of_browser() -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE
