"""The content of a mail: its parts, and the multiparts that hold them together.

From the inside out: HTML with its pictures is *related*; text, HTML and calendar are *alternatives*, the
calendar last; files are *mixed* behind them. A level with one part only is not written.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from webapp.mail.bodies import encode_body, encode_octets
from webapp.mail.charsets import fitting
from webapp.mail.header_text import HeaderRefused
from webapp.mail.outgoing.attached_mail import seven_bit_mail
from webapp.mail.outgoing.boundaries import derive_boundaries
from webapp.mail.outgoing.file_names import ascii_file_name, file_name_parameter
from webapp.mail.outgoing.values import ANY_BYTES, ATTACHED_MAIL, Attachment, InlineImage, Invitation, Mail

_CONTENT_ID = re.compile(r"[A-Za-z0-9._-]{1,100}@[A-Za-z0-9.-]{1,100}")
#: So many pictures are kept in the form in which they stand in mails: a logo stands in all of them.
MOST_IMAGES: Final = 8
_ATTACHED: Final = "Content-Disposition: attachment"
_METHOD = re.compile(r"[A-Z]{1,20}")


class _Multipart(NamedTuple):
    kind: bytes
    parts: Sequence["_Part"]


_Part = bytes | _Multipart


def write_content(mail: Mail) -> bytes:
    """Return the headers that begin with Content-, an empty line and the body. Raises HeaderRefused."""
    whole = _whole(mail)
    if isinstance(whole, bytes):
        return whole
    leaves: list[bytes] = []
    number = _gather(whole, leaves)
    pieces: list[bytes] = []
    _write(whole, iter(derive_boundaries(mail.boundary, leaves, number)), pieces)
    pieces.append(b"\r\n")
    return b"".join(pieces)


def _whole(mail: Mail) -> _Part:
    body = _one_or(b"alternative", _alternatives(mail))
    return _one_or(b"mixed", [body, *map(_attachment, mail.attachments)])


def _one_or(kind: bytes, parts: Sequence[_Part]) -> _Part:
    return parts[0] if len(parts) == 1 else _Multipart(kind, parts)


def _alternatives(mail: Mail) -> list[_Part]:
    parts: list[_Part] = []
    if mail.text is not None or mail.html is None:
        parts.append(_text("plain", mail.text or "", mail.charset))
    if mail.html is not None:
        pictures = _inline_images(mail.inline_images)
        parts.append(
            _one_or(b'related; type="text/html"', [_text("html", mail.html, mail.charset), *pictures])
        )
    elif mail.inline_images:
        raise HeaderRefused("Content-ID", "no_html")
    if mail.invitation is not None:
        parts.append(_calendar(mail.invitation, mail.charset))
    return parts


def _gather(part: _Part, leaves: list[bytes]) -> int:
    """Add the parts that hold content to ``leaves``; return how many multiparts hold them."""
    if isinstance(part, bytes):
        leaves.append(part)
        return 0
    return 1 + sum([_gather(inner, leaves) for inner in part.parts])


def _write(part: _Part, boundaries: Iterator[bytes], pieces: list[bytes]) -> None:
    if isinstance(part, bytes):
        pieces.append(part)
        return
    boundary = next(boundaries)
    pieces += (b"Content-Type: multipart/", part.kind, b'; boundary="', boundary, b'"\r\n')
    for inner in part.parts:
        pieces += (b"\r\n--", boundary, b"\r\n")
        _write(inner, boundaries, pieces)
    pieces += (b"\r\n--", boundary, b"--")


def _text(subtype: str, text: str, charset: str, parameters: str = "") -> bytes:
    charset = fitting(text, charset)
    encoding, octets = encode_body(text, charset)
    return (
        f'Content-Type: text/{subtype}; charset="{charset}"{parameters}\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode("ascii") + octets


def _calendar(invitation: Invitation, charset: str) -> bytes:
    """Mail programs believe either the parameter or the property, so they must agree (RFC 6047 §2.4)."""
    written = re.findall(r"(?im)^METHOD:([^\r\n]*)", invitation.calendar)
    if not _METHOD.fullmatch(invitation.method) or written != [invitation.method]:
        raise HeaderRefused("Content-Type", "bad_method")
    parameters = f'; method={invitation.method};\r\n name="invite.ics"'
    return _text("calendar", invitation.calendar, charset, parameters)


def _inline_images(images: tuple[InlineImage, ...]) -> Iterator[bytes]:
    seen: set[str] = set()
    for image in images:
        if not _CONTENT_ID.fullmatch(image.content_id) or image.content_id in seen:
            raise HeaderRefused("Content-ID", "bad_content_id")
        seen.add(image.content_id)
        yield _inline_image(image)


@lru_cache(maxsize=MOST_IMAGES)
def _inline_image(image: InlineImage) -> bytes:
    content_id = f"Content-ID: <{image.content_id}>\r\n"
    return _file(image, image.media_type, f"{content_id}Content-Disposition: inline")


def _attachment(attachment: Attachment) -> bytes:
    if attachment.media_type != ATTACHED_MAIL:
        return _file(attachment, attachment.media_type)
    octets = seven_bit_mail(attachment.content)
    if octets is None:
        return _file(attachment, ANY_BYTES)
    return _file_head(attachment, ATTACHED_MAIL, "7bit") + octets


def _file(attachment: Attachment, media_type: str, disposition: str = _ATTACHED) -> bytes:
    return _file_head(attachment, media_type, "base64", disposition) + encode_octets(attachment.content)


def _file_head(attachment: Attachment, media_type: str, encoding: str, disposition: str = _ATTACHED) -> bytes:
    name = attachment.file_name
    return (
        f'Content-Type: {media_type};\r\n name="{ascii_file_name(name)}"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n"
        f"{disposition}{file_name_parameter(name)}\r\n\r\n"
    ).encode("ascii")
