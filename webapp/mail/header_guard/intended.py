"""What a mail means to say, in the terms of somebody who reads it."""

from __future__ import annotations

from typing import NamedTuple

from webapp.mail.address import Mailbox
from webapp.mail.outgoing import Attachment, InlineImage, Mail

People = tuple[tuple[str, str], ...]


class Leaf(NamedTuple):
    """A part with content; ``parameters`` are those of its type."""

    content: bytes
    media_type: str
    parameters: str = ""
    disposition: str = ""
    file_name: str = ""
    content_id: str = ""


class Branch(NamedTuple):
    """A multipart: its subtype and its parts, in order."""

    subtype: str
    parts: tuple[Leaf | Branch, ...]


Part = Leaf | Branch


def intended_people(mail: Mail) -> dict[str, People]:
    """Return names and addresses by the header (in lower case) that shows them."""
    people = {"from": (mail.sender,), "to": mail.to, "cc": mail.cc}
    if mail.reply_to:
        people["reply-to"] = (mail.reply_to,)
    return {header: _named(mailboxes) for header, mailboxes in people.items() if mailboxes}


def intended_texts(mail: Mail) -> dict[str, str]:
    """Return free text by the header (in lower case) that holds it."""
    return {"subject": mail.subject} | {name.lower(): value for name, value in mail.headers.items()}


def intended_part(mail: Mail) -> Part:
    """Return the content as a tree."""
    parts = _alternatives(mail)
    body = Branch("alternative", tuple(parts)) if len(parts) > 1 else parts[0]
    return Branch("mixed", (body, *map(_attached, mail.attachments))) if mail.attachments else body


def canonical_octets(text: str, charset: str = "utf-8") -> bytes:
    """Return the text with CRLF at each line end and at its end; what UTF-8 lacks is a question mark."""
    octets = text.encode(charset, "replace")
    if b"\r" in octets:
        octets = canonical_lines(octets)
        return octets if octets.endswith(b"\n") else octets + b"\r\n"
    if not octets.endswith(b"\n"):
        octets += b"\n"
    return octets.replace(b"\n", b"\r\n")


def canonical_lines(octets: bytes) -> bytes:
    """Return the octets with CRLF for every kind of line end."""
    return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _named(mailboxes: tuple[Mailbox, ...]) -> People:
    return tuple((mailbox.name.strip(), mailbox.address) for mailbox in mailboxes)


def _alternatives(mail: Mail) -> list[Part]:
    parts: list[Part] = []
    if mail.text is not None or mail.html is None:
        parts.append(_text("text/plain", mail.text or "", mail.charset))
    if mail.html is not None:
        html = _text("text/html", mail.html, mail.charset)
        images = tuple(map(_shown, mail.inline_images))
        parts.append(Branch("related", (html, *images)) if images else html)
    if mail.invitation is not None:
        method = f"method={mail.invitation.method}"
        parameters = f'; {method}; name="invite.ics"'
        parts.append(_text("text/calendar", mail.invitation.calendar, mail.charset, parameters))
    return parts


def _text(media_type: str, text: str, charset: str, more: str = "") -> Leaf:
    charset = charset if charset == "utf-8" or _has_all(charset, text) else "utf-8"
    return Leaf(canonical_octets(text, charset), media_type, f'; charset="{charset}"{more}')


def _has_all(charset: str, text: str) -> bool:
    try:
        return bool(text.encode(charset)) or not text
    except UnicodeEncodeError:
        return False


def _shown(image: InlineImage) -> Leaf:
    return Leaf(image.content, image.media_type, "", "inline", image.file_name, image.content_id)


def _attached(attachment: Attachment) -> Leaf:
    return Leaf(attachment.content, attachment.media_type, "", "attachment", attachment.file_name)
