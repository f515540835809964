"""Puts the headers and the content of a mail together.

Bytes are put together here and not by ``email.message``: on several Python versions that package turns
an encoded word in a title or a name into a header line of its own (CVE-2024-6923), and it is fifty times
slower.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from webapp.mail.header_text import HeaderRefused, encode_mailboxes, encode_text
from webapp.mail.outgoing.parts import write_content
from webapp.mail.outgoing.values import Mail

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,70}")
_MESSAGE_ID = re.compile(r"<[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]{1,200}@[A-Za-z0-9.-]{1,200}>")
_OURS: Final = frozenset({
    "bcc", "cc", "date", "dkim-signature", "from", "message-id",
    "received", "reply-to", "return-path", "sender", "subject", "to",
})  # fmt: skip
_DATES_KEPT: Final = 256


def build(mail: Mail) -> bytes:
    """Return the mail as it goes over the wire, without dot-stuffing.

    Lines are at most 998 octets. Hidden recipients are never written: they live in the envelope alone.
    Raises HeaderRefused.
    """
    lines = [name.encode("ascii") + b": " + value for name, value in _headers(mail)]
    lines.append(b"MIME-Version: 1.0")
    return b"\r\n".join(lines) + b"\r\n" + write_content(mail)


def _headers(mail: Mail) -> Iterator[tuple[str, bytes]]:
    yield "Date", _date(mail.date)
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


@lru_cache(maxsize=_DATES_KEPT)
def _date(moment: datetime) -> bytes:
    return format_datetime(moment.astimezone(UTC)).encode("ascii")
