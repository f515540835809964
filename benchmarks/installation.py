"""Vestnik on one database, with people, tickets and a mail connection that leads to the sink."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import func, select, update

from benchmarks import cast
from webapp.app import create_app
from webapp.core.config import from_environment
from webapp.core.db import db, wait_like_a_worker
from webapp.desk.records import services as records
from webapp.events.models import Event
from webapp.launcher.environment import ENV_FILE
from webapp.messaging.mail_connections import services as mail_connections
from webapp.messaging.mail_connections.models import Encryption, MailConnection, SendingMode
from webapp.messaging.mail_connections.services import SendingParameters, ServerSettings
from webapp.messaging.messages.models import Delivery, DeliveryState
from webapp.people.company import settings as company

#: One session is kept for what cannot wait, so that two carry ordinary mail.
SESSIONS = 3


@dataclass(frozen=True)
class Installation:
    """One installation; everything about it is in its environment, as for the processes that serve it."""

    name: str
    environment: Mapping[str, str]

    @cached_property
    def app(self) -> Flask:
        """The application in this process."""
        return create_app(from_environment(self.environment))

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Work in the application's context and leave no transaction behind."""
        with self.app.app_context():
            yield
            db.session.rollback()
            db.session.remove()

    def prepare(self, sink_port: int) -> None:
        """Migrate the database and put people, tickets and the mail connection into it."""
        with self.opened():
            wait_like_a_worker()
            flask_migrate.upgrade()
            records.sync_templates()
            _make_connection(sink_port)
            # Few people are written to again and again here; the program itself would call that a loop.
            company.change(replace(company.get(), most_per_address=None), actor=None)
            cast.fill()
            db.session.execute(update(Event).values(is_done=True))
            db.session.commit()

    def set_mode(self, mode: SendingMode) -> None:
        """Let the mail connection send carefully or in bulk."""
        with self.opened():
            db.session.execute(update(MailConnection).values(sending_mode=mode.value, most_sessions=SESSIONS))
            db.session.commit()

    def count_events(self) -> int:
        """Return how many events are not handled."""
        with self.opened():
            return db.session.scalar(select(func.count()).select_from(Event).where(~Event.is_done)) or 0

    def count_undecided(self) -> int:
        """Return how many deliveries wait or are being sent."""
        under_way = Delivery.state.in_([DeliveryState.WAITING.value, DeliveryState.SENDING.value])
        with self.opened():
            return db.session.scalar(select(func.count()).select_from(Delivery).where(under_way)) or 0

    def settle_all(self) -> None:
        """Call everything sent that waits, so that the next measurement begins with an empty queue."""
        with self.opened():
            waiting = update(Delivery).where(Delivery.state == DeliveryState.WAITING.value)
            db.session.execute(waiting.values(state=DeliveryState.SENT.value))
            db.session.commit()

    def count_deliveries(self, *, is_sent: bool) -> int:
        """Return how many deliveries the database calls sent, or anything else."""
        condition = Delivery.state == DeliveryState.SENT.value
        with self.opened():
            counted = select(func.count()).select_from(Delivery).where(condition if is_sent else ~condition)
            return db.session.scalar(counted) or 0


def install(name: str, folder: Path, database_url: str, redis_url: str, sink_port: int) -> Installation:
    """Make an installation in the folder."""
    inherited = {
        key: value for key, value in os.environ.items() if key in {"PATH", "PYTHONPATH", "HOME", "LANG"}
    }
    installation = Installation(
        name,
        {
            **inherited,
            ENV_FILE: os.devnull,
            "VESTNIK_INSTANCE": str(folder / name),
            "DATABASE_URL": database_url or f"sqlite:///{folder / name / 'vestnik.db'}",
            "REDIS_URL": redis_url,
            "BASE_URL": "https://desk.example.com",
            "MAIL_LOOPBACK": "1",
            "MAIL_PORTS": "1024-65535",
            "DEMO": "0",
        },
    )
    installation.prepare(sink_port)
    return installation


def _make_connection(sink_port: int) -> None:
    server = ServerSettings(host="127.0.0.1", port=sink_port, encryption=Encryption.NONE)
    connection = mail_connections.create_connection(server, actor_id=None)
    sending = SendingParameters("help@example.com", "desk@example.com", "Service desk")
    mail_connections.change_sending(connection, sending, version=connection.version, actor_id=None)
