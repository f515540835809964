"""What the standard parser reads in the bytes of a mail: all other readers are held against it."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default


@dataclass(frozen=True)
class Piece:
    """One part: its type, what it is for, and its content with nothing left of how it travelled."""

    media_type: str
    charset: str | None
    method: str | None
    disposition: str | None
    file_name: str | None
    content_id: str | None
    content: object


@dataclass(frozen=True)
class Reading:
    """Everything in a mail that a person or a program could act on."""

    headers: dict[str, list[str]]
    people: dict[str, list[tuple[str, str]]]
    pieces: list[Piece]


PEOPLE = ("from", "reply-to", "to", "cc", "bcc")


def read(raw: bytes) -> Reading:
    """Read headers, people and parts."""
    parsed = message_from_bytes(raw, policy=default)
    headers: dict[str, list[str]] = {}
    for name, value in parsed.items():
        if not name.lower().startswith(("content-", *PEOPLE)):
            headers.setdefault(name.lower(), []).append(str(value))
    people = {name: people_in(parsed, name) for name in PEOPLE if name in parsed}
    return Reading(headers, people, pieces(parsed))


def people_in(parsed: EmailMessage, name: str) -> list[tuple[str, str]]:
    """Names without spaces, which the parser adds and drops around encoded words (RFC 2047 §6.2)."""
    values = parsed.get_all(name, [])
    return [
        ("".join(each.display_name.split()), each.addr_spec) for value in values for each in value.addresses
    ]


def pieces(message: Message) -> list[Piece]:
    """The parts from the outside in, multiparts too; a mail inside is one part."""
    found = [_piece(message)]
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in message.iter_parts():
            found += pieces(part)
    return found


def _piece(part: Message) -> Piece:
    method = part.get_param("method")
    return Piece(
        media_type=part.get_content_type(),
        charset=part.get_content_charset(),
        method=str(method) if method else None,
        disposition=part.get_content_disposition(),
        # Not get_filename(), which takes angle brackets and quotation marks away.
        file_name=part["Content-Disposition"].params.get("filename")
        if "Content-Disposition" in part
        else None,
        content_id=str(part["Content-ID"]).strip() if "Content-ID" in part else None,
        content=_content(part),
    )


def _file_name(part: Message) -> str | None:
    """Not by get_filename(), which takes angle brackets and quotation marks away."""
    return part["Content-Disposition"].params.get("filename") if "Content-Disposition" in part else None


def _content(part: Message) -> object:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return inside(part.get_payload()[0])
    if part.is_multipart():
        return None
    content = part.get_payload(decode=True)
    # The standard package leaves LF alone inside of base64, where mail has CRLF (RFC 2045 §6.8).
    is_file = part.get_content_disposition() is not None
    return content if is_file else content.replace(b"\r\n", b"\n")


def inside(mail: Message) -> object:
    """What a mail inside a mail says, whatever its line ends and encodings."""
    parts = mail.walk()
    return [(part.get_content_type(), None if part.is_multipart() else _lines(part)) for part in parts]


def _lines(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
