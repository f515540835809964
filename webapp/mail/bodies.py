"""The body of a text part: line ends made CRLF and the transfer encoding chosen (RFC 2045 §6)."""

import re
from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")
# What keeps text from going as it is: controls, space before a line end (servers cut it), long lines,
# and line starts that mailboxes, SMTP or a boundary give a meaning to.
_NOT_AS_IS = re.compile(rb"[^\t\r\n\x20-\x7e]|[ \t]\r\n|[^\r\n]{77}|^From |^\.|^--", re.MULTILINE)
_MBOX_SEPARATOR = re.compile(rb"^From ", re.MULTILINE)


@dataclass(frozen=True)
class EncodedBody:
    """The name of the transfer encoding and the octets, which end with CRLF."""

    encoding: str
    octets: bytes


def canonical_text(text: str) -> str:
    """Return the text with CRLF at each line end and at its end."""
    text = _LINE_END.sub("\r\n", text)
    return text if text.endswith("\r\n") else text + "\r\n"


def encode_body(text: str, boundary: bytes = b"") -> EncodedBody:
    """Encode for a 7-bit road: as it is, quoted-printable for mostly Latin text, else base64.

    Text that holds the boundary goes as base64, where it cannot be met.
    """
    octets = canonical_text(text).encode("utf-8", "replace")
    if not _NOT_AS_IS.search(octets):
        return EncodedBody("7bit", octets)
    if _reads_as_latin(octets) and not (boundary and boundary in octets):
        return EncodedBody("quoted-printable", b2a_qp(octets, istext=True))
    return EncodedBody("base64", encodebytes(octets).replace(b"\n", b"\r\n"))


def _reads_as_latin(octets: bytes) -> bool:
    if _MBOX_SEPARATOR.search(octets):
        return False  # quoted-printable would leave the line start for a mailbox to change
    return len(octets.translate(None, bytes(range(0x80)))) * 6 < len(octets)
