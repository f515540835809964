"""Runs the check of a connection and keeps each step as it completes, for the page that watches."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import update

from webapp.core.clock import now
from webapp.core.row_changes import change_rows
from webapp.core.secret_box import SecretLost
from webapp.mail import header_guard
from webapp.mail.address import Mailbox
from webapp.mail.header_guard import HeaderMismatch
from webapp.mail.header_text import HeaderRefused
from webapp.mail.latin import in_latin
from webapp.mail.outgoing import Mail, build
from webapp.mail.transports.base import CheckStep, Envelope, Step
from webapp.messaging.mail_connections import condition, problems
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.mail_connections.transports import open_transport

Commit = Callable[[], None]


def run_check(connection: MailConnection, commit: Commit) -> bool:
    """Carry out the check that was started last; says whether the server works.

    Steps are written one by one and only while no newer check has begun. No transaction stands open
    while the network is waited for.
    """
    connection_id, check_id = connection.id, connection.state.check_id
    if check_id is None or connection.state.check_ended_at is not None:
        return False
    steps: list[dict[str, Any]] = []
    attempts = _attempts(connection)
    commit()
    for step in attempts:
        steps.append(step)
        if not _write(connection_id, check_id, {"check_steps": list(steps)}, commit):
            return False
    is_good = all(step["is_ok"] for step in steps)
    if is_good:
        condition.report_success(connection_id, since=now())
    return _write(connection_id, check_id, {"check_ended_at": now()}, commit) and is_good


def _attempts(connection: MailConnection) -> Iterator[dict[str, Any]]:
    """Prepare all that needs the database, then yield the steps of the wire."""
    try:
        transport = open_transport(connection, for_check=True)
    except SecretLost:
        return iter([_as_json(_failed(Step.SIGN_IN), problems.SECRET_LOST)])
    test, unsent = _test(connection, connection.state.check_address)
    sender = connection.system_address if connection.is_complete else None
    return _wire_steps(transport.check(sender, test), unsent)


def _wire_steps(found: Iterator[CheckStep], unsent: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    is_ok = True
    for step in found:
        is_ok = step.is_ok
        yield _as_json(step, step.problem.value if step.problem else None)
    if is_ok and unsent is not None:
        yield unsent


def _test(
    connection: MailConnection, address: str | None
) -> tuple[tuple[Envelope, bytes] | None, dict[str, Any] | None]:
    """Return the test message, or the step that says why there is none, or neither when none is wanted."""
    if not address:
        return None, None
    if not connection.is_complete:
        return None, _as_json(_failed(Step.SENDER), problems.NO_SENDER)
    mail = _test_mail(connection, address)
    try:
        raw = build(mail)
        header_guard.check(raw, mail)
    except (HeaderRefused, HeaderMismatch):
        return None, _as_json(_failed(Step.DOT), problems.GUARD_HELD)
    return (Envelope(connection.system_address, (address,)), raw), None


def _test_mail(connection: MailConnection, address: str) -> Mail:
    domain = connection.system_address.rpartition("@")[2]
    as_written = in_latin if connection.has_latin_headers else str
    with force_locale(connection.state.check_language or "en"):
        return Mail(
            message_id=f"<check.{connection.id}.{secrets.token_hex(8)}@{domain}>",
            date=now(),
            sender=Mailbox(as_written(connection.sender_name), connection.system_address),
            reply_to=Mailbox("", connection.support_address),
            to=(Mailbox("", address),),
            subject=as_written(str(_("Test message from Vestnik"))),
            text=_(
                "This message was sent to check the mail connection %(host)s. Since you can read it,"
                " the connection works. There is nothing to do.",
                host=connection.host,
            ),
            boundary="unused",
            headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
            charset=connection.charset,
        )


def _failed(step: Step) -> CheckStep:
    return CheckStep(step, is_ok=False, reply="", problem=None, ms=0)


def _as_json(step: CheckStep, problem: str | None) -> dict[str, Any]:
    return {
        "step": step.step.value,
        "is_ok": step.is_ok,
        "reply": step.reply,
        "problem": problem,
        "ms": step.ms,
        "details": dict(step.details),
    }


def _write(connection_id: int, check_id: str, values: dict[str, Any], commit: Commit) -> bool:
    mine = update(ConnectionState).where(
        ConnectionState.connection_id == connection_id, ConnectionState.check_id == check_id
    )
    is_written = bool(change_rows(mine.values(**values)))
    commit()
    return is_written
