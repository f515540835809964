"""The body of a part: line ends made CRLF and the transfer encoding chosen (RFC 2045 §6)."""

from binascii import b2a_base64, b2a_qp
from dataclasses import dataclass
from typing import Final

_LINE: Final = 76
_AS_IS: Final = bytes([*b"\t\r\n", *range(0x20, 0x7F)])
_ASCII: Final = bytes(range(0x80))
_MBOX_SEPARATOR: Final = b"\nFrom "
# Servers cut space before a line end; mailboxes, SMTP and boundaries give a meaning to these line starts.
_NOT_AS_IS: Final = (b" \r\n", b"\t\r\n", _MBOX_SEPARATOR, b"\n.", b"\n--")


@dataclass(frozen=True)
class EncodedBody:
    """The name of the transfer encoding and the octets, which end with CRLF."""

    encoding: str
    octets: bytes


def canonical_text(text: str) -> str:
    """Return the text with CRLF at each line end and at its end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\n", "\r\n")
    return text if text.endswith("\r\n") else text + "\r\n"


def encode_body(text: str) -> EncodedBody:
    """Encode for a 7-bit road: as it is, quoted-printable for mostly Latin text, else base64."""
    octets = canonical_text(text).encode("utf-8", "replace")
    if _goes_as_it_is(octets):
        return EncodedBody("7bit", octets)
    if _reads_as_latin(octets):
        return EncodedBody("quoted-printable", b2a_qp(octets, istext=True))
    return EncodedBody("base64", encode_octets(octets))


def encode_octets(octets: bytes) -> bytes:
    """Write base64 in lines of 76 columns, each with CRLF at its end (RFC 2045 §6.8)."""
    letters = b2a_base64(octets, newline=False)
    lines = [letters[start : start + _LINE] for start in range(0, len(letters), _LINE)]
    return b"\r\n".join([*lines, b""])


def _goes_as_it_is(octets: bytes) -> bool:
    if octets.translate(None, _AS_IS):
        return False
    if max(map(len, octets.split(b"\r\n"))) > _LINE:
        return False
    lines = b"\n" + octets
    return not any(found in lines for found in _NOT_AS_IS)


def _reads_as_latin(octets: bytes) -> bool:
    if _MBOX_SEPARATOR in octets or octets.startswith(_MBOX_SEPARATOR[1:]):
        return False  # quoted-printable would leave the line start for a mailbox to change
    return len(octets.translate(None, _ASCII)) * 6 < len(octets)
