"""A loaded message made into the bytes that leave: the same bytes each time, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Self

from webapp.core.secret_box import SecretLost
from webapp.mail import header_guard
from webapp.mail.address import Mailbox
from webapp.mail.charsets import UTF_8, fitting
from webapp.mail.header_guard import HeaderMismatch
from webapp.mail.header_text import HeaderRefused
from webapp.mail.latin import in_latin
from webapp.mail.outgoing import Mail, build
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import logos
from webapp.messaging.messages.bodies import Parts, unpack
from webapp.messaging.messages.loading import DeliveryRow, Loaded
from webapp.messaging.messages.models import Kind
from webapp.messaging.messages.outcomes import Cause
from webapp.messaging.messages.program_headers import program_headers

_HTML_CHARSET: Final = f'<meta charset="{UTF_8}">'
_TO: Final = Kind.TO.value
_CC: Final = Kind.CC.value


class CannotBuild(Exception):
    """No bytes can be made of the message; ``cause`` is a word for a screen, ``detail`` says more."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail


@dataclass(frozen=True)
class Letterhead:
    """What a connection's sending parameters put on every mail; ``database`` is the name of the database."""

    system_address: str
    sender_name: str
    support_address: str
    charset: str = UTF_8
    has_latin_headers: bool = False
    database: str = ""

    @classmethod
    def of(cls, connection: MailConnection) -> Self:
        """Return that of a connection."""
        return cls(
            connection.system_address, connection.sender_name, connection.support_address,
            connection.charset, connection.has_latin_headers, connection.database or "",
        )  # fmt: skip

    @cached_property
    def sender(self) -> Mailbox:
        """Who stands in From."""
        name = in_latin(self.sender_name) if self.has_latin_headers else self.sender_name
        return Mailbox(name, self.system_address)

    @cached_property
    def reply_to(self) -> Mailbox:
        """Who gets the answers."""
        return Mailbox("", self.support_address)


class Assembled(NamedTuple):
    """The bytes, guarded, with their hash."""

    raw: bytes
    sha256: str


def assemble(loaded: Loaded, letterhead: Letterhead) -> Assembled:
    """Build the bytes and read them back. Raises CannotBuild."""
    try:
        mail = _mail(loaded.rows, letterhead)
        raw = build(mail)
        header_guard.check(raw, mail)
    except (HeaderRefused, HeaderMismatch) as error:
        raise CannotBuild(Cause.GUARD_HELD, str(error)) from None
    return Assembled(raw, hashlib.sha256(raw).hexdigest())


def _mail(rows: Sequence[DeliveryRow], letterhead: Letterhead) -> Mail:
    first = rows[0]
    if first.message_id_header is None or first.date_header is None or first.boundary is None:
        raise CannotBuild(Cause.RENDER_FAILED, "no Message-ID, Date or boundary")
    parts = _parts(first.packed_parts)
    return Mail(
        message_id=first.message_id_header,
        date=first.date_header,
        sender=letterhead.sender,
        reply_to=letterhead.reply_to,
        to=_mailboxes(rows, _TO),
        cc=_mailboxes(rows, _CC),
        subject=in_latin(first.title) if letterhead.has_latin_headers else first.title,
        text=parts.text,
        html=parts.html if letterhead.charset == UTF_8 else _in_charset(parts.html, letterhead.charset),
        boundary=first.boundary,
        headers=program_headers(
            first.message_class,
            first.subject_type,
            first.subject_id,
            first.message_id_header.rpartition("@")[2][:-1],  # without its closing bracket
            letterhead.database,
        ),
        inline_images=logos.pictures(parts.logo) if parts.logo else (),
        charset=letterhead.charset,
    )


def _in_charset(html: str, charset: str) -> str:
    """Let the HTML itself name the character set in which it will be written."""
    return html.replace(_HTML_CHARSET, f'<meta charset="{fitting(html, charset)}">', 1)


def _mailboxes(rows: Sequence[DeliveryRow], kind: str) -> tuple[Mailbox, ...]:
    return tuple([Mailbox(row.name, row.address) for row in rows if row.kind == kind])


def _parts(packed: bytes | None) -> Parts:
    if packed is None:
        raise CannotBuild(Cause.BODY_MISSING)
    try:
        return unpack(packed)
    except SecretLost:
        raise CannotBuild(Cause.SECRET_LOST) from None
