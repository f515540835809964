"""Two technologists set the default connection at once: the second waits, and both are served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import select

from tests.support import mail
from tests.support.races import let_another_wait
from webapp.core.db import db
from webapp.messaging.mail_connections import services
from webapp.messaging.mail_connections.models import Encryption, MailConnection


@contextmanager
def meanwhile(app: Flask, deed: Callable[[], object]) -> Iterator[None]:
    """Do the deed in another transaction that begins while the block's stands open, and commit both."""
    has_begun = threading.Event()

    def act() -> None:
        with app.app_context():
            has_begun.set()
            deed()
            db.session.commit()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(act)
        has_begun.wait(5)
        let_another_wait()
        yield
        db.session.commit()
        other.result(10)


def defaults() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(MailConnection.id).where(MailConnection.is_default)))


def add(host: str) -> MailConnection:
    settings = services.ServerSettings(host=host, port=25, encryption=Encryption.NONE)
    return services.create_connection(settings, actor_id=None)


def make_default(number: int) -> None:
    connection = db.session.get(MailConnection, number)
    assert connection is not None
    services.make_default(connection, actor_id=None)


def test_of_two_first_connections_one_becomes_the_default(app: Flask) -> None:
    first = add("first.example.com")
    with meanwhile(app, lambda: add("second.example.com")):
        number = first.id
    assert defaults() == [number]


def test_of_two_defaults_set_at_once_the_later_stays(app: Flask) -> None:
    _old, second, third = (mail.make_connection().id for _ in range(3))
    make_default(second)
    with meanwhile(app, lambda: make_default(third)):
        pass
    assert defaults() == [third]


def test_a_connection_that_is_deleted_meanwhile_does_not_become_the_default(app: Flask) -> None:
    first, second = mail.make_connection().id, mail.make_connection().id
    connection = db.session.get(MailConnection, second)
    assert connection is not None
    services.delete_connection(connection, actor_id=1)
    with meanwhile(app, lambda: make_default(second)):
        pass
    assert defaults() == [first]
