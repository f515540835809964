"""create_app(): configuration, extensions, blueprints, error pages; nothing else."""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.core import config as core_config
from webapp.core import db as core_db
from webapp.core import locales, redis
from webapp.core.config import PROJECT_ROOT, Config
from webapp.core.extensions import csrf, limiter, login_manager, migrate

CORE_PARTS = (
    "webapp.core.failpoints",
    "webapp.core.security_headers",
    "webapp.core.own_site",
    "webapp.core.form_size",
    "webapp.core.static_files",
    "webapp.core.htmx",
    "webapp.core.slots",
    "webapp.core.paging",
    "webapp.core.menu",
    "webapp.core.moments",
    "webapp.core.errors",
)

BLUEPRINTS = (
    "webapp.people.accounts.views",
    "webapp.people.company.views",
    "webapp.people.calendars.views",
    "webapp.desk.records.views",
    "webapp.desk.agreements.views",
    "webapp.desk.approvals.views",
    "webapp.desk.ratings.views",
    "webapp.messaging.mail_connections.views",
    "webapp.messaging.messages.views",
    "webapp.messaging.messages.views.journal",
    "webapp.messaging.silent_mode.views",
    "webapp.messaging.push.views",
    "webapp.rules.event_actions.views",
    "webapp.rules.escalations.views",
    "webapp.rules.rehearsals.views",
    "webapp.rules.console.views",
    "webapp.rules.journal.views",
    "webapp.rules.explain.views",
    "webapp.home.views",
    "webapp.demo.views",
)


def create_app(config: Config | None = None) -> Flask:
    """Make the application; ``config`` is read from the environment when it is not given."""
    config = config or core_config.from_environment()
    app = Flask(
        "webapp", template_folder=str(PROJECT_ROOT / "templates"), static_folder=str(PROJECT_ROOT / "static")
    )
    app.config.from_mapping(config.flask_settings())
    if config.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign] # Flask's documented way
    _set_up_extensions(app, config)
    for name in CORE_PARTS:
        import_module(name).init_app(app)
    for name in BLUEPRINTS:
        if name != "webapp.demo.views" or config.is_demo:
            app.register_blueprint(import_module(name).bp)
    return app


def _set_up_extensions(app: Flask, config: Config) -> None:
    core_db.init_app(app)
    redis.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    locales.init_app(app)
    app.config.setdefault("RATELIMIT_STORAGE_URI", redis.limiter_url(config.redis_url))
    app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", redis.limiter_options())
    limiter.init_app(app)
    migrate.init_app(app, core_db.db, directory=str(PROJECT_ROOT / "migrations"), render_as_batch=True)
