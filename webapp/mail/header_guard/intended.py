"""What a mail means to say, in the terms of somebody who reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.mail.address import Mailbox
from webapp.mail.outgoing import Attachment, InlineImage, Mail

People = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Leaf:
    """A part with content; ``parameters`` are those of its type."""

    media_type: str
    content: bytes
    parameters: str = ""
    disposition: str = ""
    file_name: str = ""
    content_id: str = ""


@dataclass(frozen=True)
class Branch:
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
    body = _smallest("alternative", tuple(_alternatives(mail)))
    return _smallest("mixed", (body, *map(_attached, mail.attachments)))


def canonical_octets(text: str) -> bytes:
    """Return UTF-8 with CRLF at each line end and at its end; what UTF-8 lacks is a question mark."""
    octets = text.encode("utf-8", "replace")
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


def _smallest(subtype: str, parts: tuple[Part, ...]) -> Part:
    return Branch(subtype, parts) if len(parts) > 1 else parts[0]


def _alternatives(mail: Mail) -> Iterator[Part]:
    if mail.text is not None:
        yield _text("text/plain", mail.text)
    elif mail.html is None:
        yield _text("text/plain", "")
    if mail.html is not None:
        yield _smallest("related", (_text("text/html", mail.html), *map(_shown, mail.inline_images)))
    if mail.invitation is not None:
        method = f"method={mail.invitation.method}"
        yield _text("text/calendar", mail.invitation.calendar, f'; {method}; name="invite.ics"')


def _text(media_type: str, text: str, more: str = "") -> Leaf:
    return Leaf(media_type, canonical_octets(text), f'; charset="utf-8"{more}')


def _shown(image: InlineImage) -> Leaf:
    return Leaf(
        image.media_type,
        image.content,
        disposition="inline",
        file_name=image.file_name,
        content_id=image.content_id,
    )


def _attached(attachment: Attachment) -> Leaf:
    return Leaf(
        attachment.media_type,
        attachment.content,
        disposition="attachment",
        file_name=attachment.file_name,
    )
