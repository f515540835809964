"""Puts the headers and the content of a mail together.

Bytes are put together here and not by ``email.message``: on several Python versions that package turns
an encoded word in a title or a name into a header line of its own (CVE-2024-6923), and it is fifty times
slower.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from webapp.mail.header_text import HeaderRefused, write_mailboxes, write_text
from webapp.mail.outgoing.parts import write_content
from webapp.mail.outgoing.values import Mail

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,70}")
_MESSAGE_ID = re.compile(r"<[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]{1,200}@[A-Za-z0-9.-]{1,200}>")
_OURS: Final = frozenset({
    "bcc", "cc", "date", "dkim-signature", "from", "message-id",
    "received", "reply-to", "return-path", "sender", "subject", "to",
})  # fmt: skip
_DATES_KEPT: Final = 256
_NAMES_KEPT: Final = 64
_VALUES_KEPT: Final = 256  # most extra headers say the same in all mails
_HEADERS_KEPT: Final = 64  # and all of them in those about one record


def build(mail: Mail) -> bytes:
    """Return the mail as it goes over the wire, without dot-stuffing.

    Lines are at most 998 octets. Hidden recipients are never written: they live in the envelope alone.
    Raises HeaderRefused.
    """
    charset = mail.charset
    lines = [_date_line(mail.date), write_mailboxes("From", (mail.sender,), charset)]
    if mail.reply_to:
        lines.append(write_mailboxes("Reply-To", (mail.reply_to,), charset))
    if mail.to:
        lines.append(write_mailboxes("To", mail.to, charset))
    if mail.cc:
        lines.append(write_mailboxes("Cc", mail.cc, charset))
    if not mail.to and not mail.cc:
        lines.append(b"To: undisclosed-recipients:;")
    lines.append(write_text("Subject", mail.subject, charset))
    lines.append(_message_id_line(mail.message_id))
    lines += _extra_lines(tuple(mail.headers.items()))
    lines += (b"MIME-Version: 1.0", write_content(mail))
    return b"\r\n".join(lines)


@lru_cache(maxsize=_DATES_KEPT)
def _date_line(moment: datetime) -> bytes:
    return b"Date: " + format_datetime(moment.astimezone(UTC)).encode("ascii")


def _message_id_line(message_id: str) -> bytes:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise HeaderRefused("Message-ID", "bad_message_id")
    return b"Message-ID: " + message_id.encode("ascii")


@lru_cache(maxsize=_HEADERS_KEPT)
def _extra_lines(headers: tuple[tuple[str, str], ...]) -> tuple[bytes, ...]:
    seen: set[str] = set()
    lines: list[bytes] = []
    for name, value in headers:
        lower = _lower_name(name)
        if lower in seen:
            raise HeaderRefused(name, "repeated_name")
        seen.add(lower)
        lines.append(_extra_line(name, value))
    return tuple(lines)


@lru_cache(maxsize=_NAMES_KEPT)
def _lower_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise HeaderRefused("headers", "bad_name")
    lower = name.lower()
    if lower in _OURS or lower.startswith(("mime-", "content-", "resent-")):
        raise HeaderRefused(name, "reserved_name")
    return lower


@lru_cache(maxsize=_VALUES_KEPT)
def _extra_line(name: str, value: str) -> bytes:
    return write_text(name, value)
