"""A small application with the frame of pages and nothing else: no database, no accounts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect

from webapp.core import htmx, menu, moments, paging, security_headers, slots, static_files
from webapp.core.config import PROJECT_ROOT

PERSON = SimpleNamespace(id=5, name="Carol Volkova", is_authenticated=True)


def empty_page(**_values: object) -> str:
    """Answer nothing: a view that only has to have an address."""
    return ""


def make_shell(language: str = "en", **settings: Any) -> Flask:
    """Return the application; its views are added by the test."""
    app = Flask(
        "shell", template_folder=str(PROJECT_ROOT / "templates"), static_folder=str(PROJECT_ROOT / "static")
    )
    app.config.update(SECRET_KEY="test key", TESTING=True, **settings)
    CSRFProtect(app)
    Babel(app, locale_selector=lambda: language, timezone_selector=lambda: "Europe/Moscow")
    app.jinja_env.globals["LANGUAGES"] = {"ru": "Русский", "en": "English"}
    app.context_processor(lambda: {"current_user": PERSON})
    for part in (security_headers, static_files, htmx, slots, paging, menu, moments):
        part.init_app(app)
    accounts = Blueprint("accounts", __name__)
    for name in ("set_language", "set_theme", "sign_out"):
        accounts.add_url_rule(f"/{name}", name, empty_page, methods=["POST"])
    app.register_blueprint(accounts)
    return app
