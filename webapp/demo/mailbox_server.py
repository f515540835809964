"""The demo mailbox: a real mail server with STARTTLS and a sign-in, which keeps what it gets as files."""

from __future__ import annotations

import asyncio
import hmac
import logging
import signal
import ssl
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from webapp.core import logs
from webapp.demo import certificates, mailbox_files
from webapp.demo import mailbox as mailboxes
from webapp.demo.mailbox import HOST, LOGIN, Mailbox

log = logging.getLogger(__name__)

MOST_MAIL_BYTES = 25 * 1024 * 1024


def serve(instance: Path) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    logs.set_up()
    logging.getLogger("mail.log").setLevel(
        logging.ERROR
    )  # aiosmtpd warns at every sign-in of what we do not use
    mailbox = mailboxes.open_in(instance)
    if not mailbox.ca_file.is_file():
        certificates.make(mailbox.ca_file, mailbox.certificate_file, HOST)
    asyncio.run(_serve(mailbox))
    return 0


async def _serve(mailbox: Mailbox) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    server = await loop.create_server(lambda: _session(mailbox), HOST, mailbox.port)
    async with server:
        await stopping.wait()


def _session(mailbox: Mailbox) -> SMTP:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mailbox.certificate_file)
    return SMTP(
        _Keeper(mailbox),
        hostname="localhost",
        ident="Vestnik demo mailbox",
        tls_context=context,
        require_starttls=True,
        authenticator=_Doorkeeper(mailbox.password),
        auth_required=True,
        data_size_limit=MOST_MAIL_BYTES,
        enable_SMTPUTF8=True,
    )


class _Doorkeeper:
    def __init__(self, password: str) -> None:
        self.password = password.encode()

    def __call__(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        is_right = given.login == LOGIN.encode() and hmac.compare_digest(given.password, self.password)
        return AuthResult(success=is_right, handled=False, auth_data=given.login if is_right else None)


class _Keeper:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content
        if not isinstance(content, bytes):
            return "554 5.6.0 no content"
        kept = mailbox_files.Envelope(
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            received_at=datetime.now(UTC).isoformat(),
            encryption="TLS" if session.ssl else "",
            login=LOGIN if session.authenticated else "",
        )
        mailbox_files.keep(self.mailbox.mail_folder, content, kept)
        return "250 2.0.0 kept in the demo mailbox"
