"""Makes the transport of a connection: settings, secret and the guarded door to the network."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from webapp.core import config, failpoints, secret_box
from webapp.core.net_guard import NetPolicy, connector
from webapp.mail.transports.base import Transport
from webapp.mail.transports.smtp import (
    CHECK_TIMEOUTS,
    Encryption,
    SmtpSettings,
    SmtpTimeouts,
    SmtpTransport,
    pass_by,
)
from webapp.messaging.mail_connections.models import MailConnection, Protocol

_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")


def open_transport(connection: MailConnection, *, for_check: bool = False) -> Transport:
    """Return a transport that connects when it is first used; it never touches the database.

    Raises SecretLost when the stored password cannot be read.
    """
    _name, open_one = TRANSPORTS[Protocol(connection.protocol)]
    return open_one(connection, for_check)


def protocol_names() -> list[tuple[str, str]]:
    """Return the protocols with the names by which people choose them."""
    return [(protocol.value, name) for protocol, (name, _open_one) in TRANSPORTS.items()]


def _open_smtp(connection: MailConnection, for_check: bool) -> Transport:  # noqa: FBT001 - as the table calls it
    settings = config.current()
    passing = failpoints.failpoint if failpoints.is_armed() else pass_by
    smtp = _smtp_settings(connection, settings, for_check=for_check)
    return SmtpTransport(smtp, connector(net_policy()), passing)


def net_policy() -> NetPolicy:
    """Return what mail connections may reach: demo and tests have servers of their own on this machine."""
    settings = config.current()
    if settings.is_demo or settings.is_test:
        return NetPolicy(allow_loopback=True)
    return NetPolicy(allow_loopback=settings.mail_loopback, allowed_ports=settings.mail_ports)


def _smtp_settings(connection: MailConnection, settings: config.Config, *, for_check: bool) -> SmtpSettings:
    return SmtpSettings(
        host=connection.host,
        port=connection.port,
        encryption=Encryption(connection.encryption),
        login=connection.login if connection.has_sign_in else "",
        password=_password(connection),
        ehlo_name=_own_name(),
        timeouts=_scaled(CHECK_TIMEOUTS if for_check else SmtpTimeouts(), settings.mail_timeouts_scale),
        ca_file=Path(settings.mail_ca_file) if settings.mail_ca_file else None,
    )


def _password(connection: MailConnection) -> str:
    if not connection.has_sign_in or not connection.sealed_password:
        return ""
    return secret_box.open_sealed(connection.sealed_password)


#: Every protocol with its name and what opens its transport: a new one is a module in webapp.mail.transports
#: and a line here.
TRANSPORTS: Final[dict[Protocol, tuple[str, Callable[[MailConnection, bool], Transport]]]] = {
    Protocol.SMTP: ("SMTP", _open_smtp),
}


def _own_name() -> str:
    name = socket.gethostname()
    return name if _HOST_NAME.fullmatch(name) else "localhost"


def _scaled(timeouts: SmtpTimeouts, scale: float) -> SmtpTimeouts:
    return SmtpTimeouts(
        connect_s=timeouts.connect_s * scale,
        command_s=timeouts.command_s * scale,
        body_s=timeouts.body_s * scale,
        after_dot_s=timeouts.after_dot_s * scale,
        quit_s=timeouts.quit_s * scale,
        session_s=timeouts.session_s * scale,
    )
