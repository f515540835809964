"""Language and theme, chosen in the bar of every page."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.db import db
from webapp.core.htmx import redirect
from webapp.core.locales import LANGUAGE_COOKIE, LANGUAGES
from webapp.core.own_site import own_path
from webapp.people.accounts import services
from webapp.people.accounts.rights import current_account, public
from webapp.people.accounts.views.blueprint import bp
from webapp.people.accounts.views.browser import set_preference

THEMES = frozenset({"light", "dark", "auto"})
THEME_COOKIE = "theme"


@bp.post("/language")
@public
def set_language() -> ResponseReturnValue:
    """Speak another language: to the account from now on, to a visitor in this browser."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    if current_user.is_authenticated:
        services.change_account(current_account(), actor=current_account(), language=language)
        db.session.commit()
    return set_preference(redirect(own_path(request.form.get("next"))), LANGUAGE_COOKIE, language)


@bp.post("/theme")
@public
def set_theme() -> ResponseReturnValue:
    """Show pages light, dark, or as the system does, in this browser."""
    theme = request.form.get("theme", "")
    if theme not in THEMES:
        abort(400)
    return set_preference(redirect(own_path(request.form.get("next"))), THEME_COOKIE, theme)
