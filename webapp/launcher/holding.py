"""`vestnik hold`: all mail waits until a person releases it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import inspect

from webapp.app import create_app
from webapp.core.db import db
from webapp.launcher import environment
from webapp.launcher.environment import CannotStart
from webapp.messaging.mail_connections.models import HighWaterMark
from webapp.messaging.messages import restores
from webapp.messaging.messages.restores import Suspicion


def hold() -> None:
    """Let all mail wait until somebody releases it. Announces ``mail.stopped``. Raises CannotStart."""
    with _database():
        is_first = restores.hold(Suspicion.ASKED)
        db.session.commit()
    click.echo("All mail waits." if is_first else "All mail waits already.")
    click.echo("A technologist releases it in the browser; `vestnik hold --release` does it from here.")


def release() -> None:
    """Let mail leave again. Announces ``mail.released``. Raises CannotStart."""
    with _database():
        try:
            is_first = restores.release(actor_id=None)
        except restores.StillSkipping:
            raise CannotStart("messages are still being skipped: release the rest after that") from None
        db.session.commit()
    click.echo("Released: what waits is sent." if is_first else "No mail waits for a release.")


@contextmanager
def _database() -> Iterator[None]:
    app = create_app(environment.read_config())
    with app.app_context():
        try:
            if not inspect(db.engine).has_table(HighWaterMark.__tablename__):
                raise CannotStart("the database is not prepared for this version: run `vestnik init` first")
            yield
        finally:
            db.session.rollback()
            db.session.remove()
            db.engine.dispose()
