"""Writes of mail connections: settings, sending parameters, the default one, the start of a check."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import func, select, update

from webapp.core import leases, secret_box
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.job_queue import ring_on_commit
from webapp.core.row_changes import change_rows
from webapp.events.kinds import EventKind
from webapp.events.services import Subject, announce
from webapp.job_names import JobName
from webapp.messaging.mail_connections import condition
from webapp.messaging.mail_connections.models import (
    ConnectionState,
    Encryption,
    MailConnection,
    Protocol,
    SendingMode,
)
from webapp.messaging.mail_connections.sending_rules import SendingRules

#: Whoever changes which connection is the default waits for whoever is doing so: two would break the index.
_DEFAULT: Final = "mail:default"
MASK: Final = "••••••"
FORGOTTEN: Final = {"before": MASK, "after": None}


class StaleVersion(Exception):
    """Somebody else changed the connection after the form was shown."""


@dataclass(frozen=True)
class ServerSettings:
    """The server's block of the form. An empty password keeps the one that is stored."""

    host: str
    port: int
    encryption: Encryption
    has_sign_in: bool = False
    login: str = ""
    password: str = field(default="", repr=False)
    protocol: Protocol = Protocol.SMTP


@dataclass(frozen=True)
class SendingParameters:
    """The block *Sending*: Reply-To, From and the sender's name."""

    support_address: str = ""
    system_address: str = ""
    sender_name: str = ""


@dataclass(frozen=True)
class Pace:
    """How carefully and how fast messages leave; no number means no limit."""

    sending_mode: SendingMode = SendingMode.CAREFUL
    most_sessions: int = 2
    most_per_minute: int | None = None
    most_per_day: int | None = None


def create_connection(settings: ServerSettings, *, actor_id: int | None) -> MailConnection:
    """Add a connection; the first one becomes the default.

    Announces ``connection.changed``, with the password masked.
    """
    leases.wait_for(_DEFAULT)
    connection = MailConnection(state=ConnectionState(check_steps=[]), is_default=_is_first())
    changes = _apply(connection, settings)
    db.session.add(connection)
    db.session.flush()
    _announce_change(connection, changes, actor_id)
    return connection


def change_server(
    connection: MailConnection, settings: ServerSettings, *, version: int, actor_id: int | None
) -> bool:
    """Change the server's block and let the next try come at once.

    A stored password is forgotten when it could reach anybody else; says whether it was.
    Announces ``connection.changed``, with the password masked. Raises StaleVersion.
    """
    _take_version(connection, version)
    changes = _apply(connection, settings)
    _announce_change(connection, changes, actor_id)
    return changes.get("password") == FORGOTTEN


def could_reach_others(connection: MailConnection, *, host: str, port: int, encryption: str) -> bool:
    """Whether the stored password would go to another server, or in the open where it was protected."""
    is_elsewhere = (connection.host, connection.port) != (host, port)
    loses_protection = connection.encryption != Encryption.NONE.value and encryption == Encryption.NONE.value
    return is_elsewhere or loses_protection


def change_sending(
    connection: MailConnection,
    parameters: SendingParameters | None,
    rules: SendingRules | None = None,
    *,
    version: int,
    actor_id: int | None,
) -> None:
    """Change what is given of the block *Sending*; waiting messages go by themselves once it is complete.

    Announces ``connection.changed``. Raises StaleVersion.
    """
    _take_version(connection, version)
    parts = [asdict(part) for part in (parameters, rules) if part is not None]
    values = {name: value for part in parts for name, value in part.items()}
    # Other rules mend nothing: a server that refused the password must not be asked too often.
    _announce_change(connection, _assign(connection, values), actor_id, mends=parameters is not None)


def change_pace(connection: MailConnection, pace: Pace, *, version: int, actor_id: int | None) -> None:
    """Change how carefully and how fast messages leave; what waits is looked at anew.

    Announces ``connection.changed``. Raises StaleVersion.
    """
    _take_version(connection, version)
    values = asdict(pace) | {"sending_mode": pace.sending_mode.value}
    _announce_change(connection, _assign(connection, values), actor_id, mends=False)


def switch(connection: MailConnection, *, is_on: bool, actor_id: int) -> None:
    """Let messages leave through the connection, or make them wait. Announces ``connection.changed``."""
    _announce_change(connection, _assign(connection, {"is_enabled": is_on}), actor_id)


def make_default(connection: MailConnection, *, actor_id: int | None) -> None:
    """Let system notices leave through this connection from now on. Announces ``connection.changed``."""
    leases.wait_for(_DEFAULT)
    db.session.refresh(connection, ["is_default", "is_deleted"])
    if connection.is_default or connection.is_deleted:
        return
    # The index allows one default at a time, so the other row must be written first.
    db.session.execute(update(MailConnection).where(MailConnection.is_default).values(is_default=False))
    _announce_change(connection, _assign(connection, {"is_default": True}), actor_id)


def delete_connection(connection: MailConnection, *, actor_id: int) -> MailConnection | None:
    """Take the connection out of use and forget its password; the oldest of the others becomes the default.

    Returns the new default if it changed. Announces ``connection.changed``.
    """
    leases.wait_for(_DEFAULT)
    db.session.refresh(connection, ["is_default"])
    was_default = connection.is_default
    _announce_change(connection, _assign(connection, {"is_deleted": True, "is_default": False}), actor_id)
    connection.sealed_password = None
    db.session.flush()
    if not was_default:
        return None
    heirs = select(MailConnection).where(~MailConnection.is_deleted).order_by(MailConnection.id)
    heir = db.session.scalar(heirs.limit(1))
    if heir is not None:
        make_default(heir, actor_id=actor_id)
    return heir


def interrupt_senders() -> None:
    """Let whoever is sending stop before the next mail and look anew at what may leave."""
    change_rows(update(MailConnection).values(version=MailConnection.version + 1))
    for number in db.session.scalars(select(MailConnection.id)):
        ring_on_commit(JobName.DELIVER_MAIL, number)


def start_check(connection: MailConnection, *, address: str, language: str) -> str:
    """Begin a new check, which takes the place of one that is still running. Returns its id.

    The caller commits and rings CHECK_CONNECTION.
    """
    state = connection.state
    state.check_id = secrets.token_hex(8)
    state.check_address = address or None
    state.check_language = language
    state.check_steps = []
    state.check_started_at = now()
    state.check_ended_at = None
    return state.check_id


def give_up_check(connection: MailConnection, problem: str) -> None:
    """End the check that could not be started, with the reason."""
    state = connection.state
    state.check_steps = [
        {"step": "start", "is_ok": False, "problem": problem, "reply": "", "ms": 0, "details": {}}
    ]
    state.check_ended_at = now()


def _apply(connection: MailConnection, settings: ServerSettings) -> dict[str, Any]:
    values = asdict(settings)
    password = values.pop("password")
    values |= {"encryption": settings.encryption.value, "protocol": settings.protocol.value}
    # Asked whether or not sign-in is on: a password that stayed would be used once sign-in is turned on.
    is_exposed = could_reach_others(
        connection, host=settings.host, port=settings.port, encryption=settings.encryption
    )
    changes = _assign(connection, values)
    before = MASK if connection.sealed_password else None
    if password:
        connection.sealed_password = secret_box.seal(password)
        changes["password"] = {"before": before, "after": MASK}
    elif before and is_exposed:
        connection.sealed_password = None
        changes["password"] = FORGOTTEN
    return changes


def _assign(connection: MailConnection, values: dict[str, Any]) -> dict[str, Any]:
    changes = {}
    for name, value in values.items():
        before = getattr(connection, name)
        if before != value:
            changes[name] = {"before": before, "after": value}
            setattr(connection, name, value)
    return changes


def _take_version(connection: MailConnection, version: int) -> None:
    mine = update(MailConnection).where(MailConnection.id == connection.id, MailConnection.version == version)
    if not change_rows(mine.values(version=version + 1)):
        raise StaleVersion
    db.session.refresh(connection, ["version"])


def _announce_change(
    connection: MailConnection, changes: dict[str, Any], actor_id: int | None, *, mends: bool = True
) -> None:
    if not changes:
        return
    db.session.flush()
    if mends:  # another pace mends nothing: a server that refused the password must not be asked too often
        condition.forget_pause(connection.id)
    subject = Subject("connection", connection.id)
    announce(EventKind.CONNECTION_CHANGED, subject, actor_id=actor_id, changes=changes)
    ring_on_commit(JobName.DELIVER_MAIL, connection.id)


def _is_first() -> bool:
    count = select(func.count()).select_from(MailConnection).where(~MailConnection.is_deleted)
    return not db.session.scalar(count)
