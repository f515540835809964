"""`vestnik init`: everything that has to be in the database before the first page. Safe to repeat."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import click
import flask_migrate
from sqlalchemy import inspect, select

from webapp.app import create_app
from webapp.core import logs
from webapp.core.config import Config
from webapp.core.db import db
from webapp.desk.agreements import ready
from webapp.desk.records import services as records
from webapp.launcher import environment, fingerprint
from webapp.launcher.environment import CannotStart
from webapp.people.accounts.models import Account
from webapp.people.company.models import Setting

DEMO_MARK = "demo.is_filled"


def prepare() -> None:
    """Migrate, bring what is built in up to date, fill the demo. Raises CannotStart."""
    config = environment.read_config()
    logs.set_up(logging.WARNING)
    # Redis is not there yet, and nobody waits for a ring: what is due is found when everything has started.
    logging.getLogger("webapp.core.job_queue").setLevel(logging.ERROR)
    _make_file(config)
    app = create_app(config)
    with app.app_context():
        _refuse_mixture(config)
        flask_migrate.upgrade()
        records.sync_templates()
        ready.make_ready()
        db.session.commit()
        if config.is_demo:
            _fill_demo(config)
        db.session.merge(Setting(key=fingerprint.KEY, value=fingerprint.of_code(config)))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def _make_file(config: Config) -> None:
    """Make SQLite's file for us alone, in the form in which deleted rows give their room back."""
    if not config.is_sqlite:
        return
    file = Path(config.database_url.removeprefix("sqlite:///"))
    if file.exists():
        return
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise CannotStart(f"the database file {file} cannot be made: {error.strerror}") from None
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("VACUUM")
    connection.close()


def _refuse_mixture(config: Config) -> None:
    """Before anything is written; a column that came later may be missing still."""
    if not inspect(db.engine).has_table(Setting.__tablename__):
        return
    is_filled = db.session.scalar(select(Setting.key).where(Setting.key == DEMO_MARK)) is not None
    has_people = db.session.scalar(select(Account.id).limit(1)) is not None
    db.session.rollback()
    if is_filled and not config.is_demo:
        raise CannotStart(
            "this database holds demo accounts with a well-known password, so it is only used in demo mode. "
            "Set DATABASE_URL or VESTNIK_INSTANCE to another one."
        )
    if config.is_demo and has_people and not is_filled:
        raise CannotStart(
            "this database is in real use, so no demo accounts are put into it. Start with DEMO=0, "
            "or set DATABASE_URL or VESTNIK_INSTANCE to another one."
        )


def _fill_demo(config: Config) -> None:
    from webapp.demo import connection  # noqa: PLC0415 - a real installation never loads demo code
    from webapp.demo.filling import Demo  # noqa: PLC0415

    connection.point_to_mailbox(config.instance)
    if db.session.get(Setting, DEMO_MARK) is None:
        click.echo("Making demo people and tickets …")
        Demo().fill()
        db.session.add(Setting(key=DEMO_MARK, value=True))
    db.session.commit()
