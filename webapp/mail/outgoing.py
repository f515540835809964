"""A mail as values, and its bytes: the same bytes each time, CRLF at every line end.

Bytes are put together here and not by ``email.message``: on several Python versions that package turns
an encoded word in a title or a name into a header line of its own (CVE-2024-6923).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from webapp.mail.address import Mailbox, needs_smtputf8
from webapp.mail.bodies import EncodedBody, encode_body
from webapp.mail.header_text import HeaderRefused, encode_mailboxes, encode_text

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,70}")
_MESSAGE_ID = re.compile(r"<[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]{1,200}@[A-Za-z0-9.-]{1,200}>")
_BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,./:=?-]{1,70}")
_OURS = frozenset({
    "bcc", "cc", "date", "dkim-signature", "from", "message-id",
    "received", "reply-to", "return-path", "sender", "subject", "to",
})  # fmt: skip


@dataclass(frozen=True)
class Mail:
    """Everything the bytes are made of; equal values make equal bytes.

    ``headers`` are the extra ones (Auto-Submitted, References …). ``boundary`` is used when there is HTML.
    """

    message_id: str
    date: datetime
    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    boundary: str
    reply_to: Mailbox | None = None
    cc: tuple[Mailbox, ...] = ()
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address in the headers can travel only by SMTPUTF8."""
        shown = (self.sender, *self.to, *self.cc, *((self.reply_to,) if self.reply_to else ()))
        return any(needs_smtputf8(mailbox.address) for mailbox in shown)


def build(mail: Mail) -> bytes:
    """Return the mail as it goes over the wire, without dot-stuffing.

    Lines are at most 998 octets. Hidden recipients are never written: they live in the envelope alone.
    Raises HeaderRefused.
    """
    lines = [name.encode("ascii") + b": " + value for name, value in _headers(mail)]
    lines.append(b"MIME-Version: 1.0")
    return b"\r\n".join(lines) + b"\r\n" + _content(mail)


def _headers(mail: Mail) -> Iterator[tuple[str, bytes]]:
    yield "Date", format_datetime(mail.date.astimezone(UTC)).encode("ascii")
    yield "From", encode_mailboxes("From", (mail.sender,))
    if mail.reply_to:
        yield "Reply-To", encode_mailboxes("Reply-To", (mail.reply_to,))
    yield from _recipients(mail)
    yield "Subject", encode_text("Subject", mail.subject)
    yield "Message-ID", _message_id(mail.message_id)
    yield from _extra_headers(mail.headers)


def _recipients(mail: Mail) -> Iterator[tuple[str, bytes]]:
    if mail.to:
        yield "To", encode_mailboxes("To", mail.to)
    if mail.cc:
        yield "Cc", encode_mailboxes("Cc", mail.cc)
    if not mail.to and not mail.cc:
        yield "To", b"undisclosed-recipients:;"


def _message_id(message_id: str) -> bytes:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise HeaderRefused("Message-ID", "bad_message_id")
    return message_id.encode("ascii")


def _extra_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise HeaderRefused("headers", "bad_name")
        lower = name.lower()
        if lower in _OURS or lower.startswith(("mime-", "content-", "resent-")):
            raise HeaderRefused(name, "reserved_name")
        if lower in seen:
            raise HeaderRefused(name, "repeated_name")
        seen.add(lower)
        yield name, encode_text(name, value)


def _content(mail: Mail) -> bytes:
    if mail.html is None:
        return _part("plain", encode_body(mail.text))
    if not _BOUNDARY.fullmatch(mail.boundary):
        raise HeaderRefused("Content-Type", "bad_boundary")
    boundary = mail.boundary.encode("ascii")
    delimiter = b"\r\n--" + boundary
    return b"".join((
        b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n',
        delimiter + b"\r\n" + _part("plain", encode_body(mail.text, boundary)),
        delimiter + b"\r\n" + _part("html", encode_body(mail.html, boundary)),
        delimiter + b"--\r\n",
    ))  # fmt: skip


def _part(subtype: str, body: EncodedBody) -> bytes:
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {body.encoding}\r\n\r\n'
    ).encode("ascii") + body.octets
