"""Reads a mail of the demo mailbox for a page, which gets plain values whatever stands in the mail."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import PurePosixPath

log = logging.getLogger(__name__)

MOST_READ_BYTES = 2 * 1024 * 1024
MOST_PARTS = 100
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    number: int
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class ReadMail:
    """A mail taken apart. Empty when it could not be understood; its source can still be seen."""

    subject: str = ""
    sender: str = ""
    recipients: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    is_understood: bool = True


def read_headers(content: bytes) -> ReadMail:
    """Read what a list shows of a mail."""
    return _guarded(content, headers_only=True)


def read(content: bytes) -> ReadMail:
    """Read the whole mail."""
    return _guarded(content, headers_only=False)


def _guarded(content: bytes, *, headers_only: bool) -> ReadMail:
    try:
        message = BytesParser(policy=modern).parsebytes(content[:MOST_READ_BYTES], headersonly=headers_only)
        return _read_headers(message) if headers_only else _read(message)
    except Exception as error:  # noqa: BLE001 - the parser raises errors of many kinds on hostile mail
        log.info("a mail in the demo mailbox could not be read: %s", type(error).__name__)
        return ReadMail(is_understood=False)


def _read_headers(message: EmailMessage) -> ReadMail:
    return ReadMail(
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", "")),
        recipients=str(message.get("To", "")),
    )


def _read(message: EmailMessage) -> ReadMail:
    short = _read_headers(message)
    return ReadMail(
        subject=short.subject,
        sender=short.sender,
        recipients=short.recipients,
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_with_pictures(_body(message, "html"), message),
        attachments=_attachments(message),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _with_pictures(html: str, message: EmailMessage) -> str:
    """Put the pictures that the HTML names by their Content-ID into it, as a mail program does."""
    if "cid:" not in html:
        return html
    for part in list(message.walk())[:MOST_PARTS]:
        name = str(part.get("Content-ID", "")).strip("<> ")
        content = part.get_payload(decode=True)
        if name and part.get_content_type() in PICTURES and isinstance(content, bytes):
            address = f"data:{part.get_content_type()};base64,{base64.b64encode(content).decode()}"
            html = html.replace(f"cid:{name}", address)
    return html


def _attachments(message: EmailMessage) -> tuple[Attachment, ...]:
    parts: Sequence[object] = list(message.iter_attachments())[:MOST_PARTS]
    return tuple(
        Attachment(number, _safe_name(part.get_filename() or "", number), _bytes_of(part))
        for number, part in enumerate(parts, start=1)
        if isinstance(part, EmailMessage)
    )


def _bytes_of(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()


def _safe_name(name: str, number: int) -> str:
    base = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(letter for letter in base if letter.isprintable())[:120]
    return printable or f"attachment-{number}"
