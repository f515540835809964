"""The body of a part: line ends made CRLF and the transfer encoding chosen (RFC 2045 §6)."""

from binascii import b2a_base64, b2a_qp
from functools import lru_cache
from struct import unpack_from
from typing import Final, NamedTuple

from webapp.mail.charsets import UTF_8

_LINE: Final = 76
_PIECE: Final = 256 * 57  # octets of 256 lines
_AS_IS: Final = bytes([*b"\t\r\n", *range(0x20, 0x7F)])
_ASCII: Final = bytes(range(0x80))
_LINES_KEPT: Final = 1024
_LARGEST_BY_LINES: Final = 16_384  # octets: it bounds what is kept, however long the lines are
_MBOX_SEPARATOR: Final = b"\nFrom "
# Servers cut space before a line end; mailboxes, SMTP and boundaries give a meaning to these line starts.
_NOT_AS_IS: Final = (b" \r\n", b"\t\r\n", _MBOX_SEPARATOR, b"\n.", b"\n--")


class EncodedBody(NamedTuple):
    """The name of the transfer encoding and the octets, which end with CRLF."""

    encoding: str
    octets: bytes


def canonical_octets(text: str, charset: str = UTF_8) -> bytes:
    """Return the text in the character set with CRLF at each line end and at its end."""
    octets = text.encode(charset, "replace")
    if b"\r" in octets:
        octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    octets = octets.replace(b"\n", b"\r\n")
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def encode_body(text: str, charset: str = UTF_8) -> EncodedBody:
    """Encode for a 7-bit road: as it is, quoted-printable for mostly Latin text, else base64."""
    octets = canonical_octets(text, charset)
    if octets.isascii() and _goes_as_it_is(octets):
        return EncodedBody("7bit", octets)
    if _reads_as_latin(octets):
        return EncodedBody("quoted-printable", _quoted_printable(octets))
    return EncodedBody("base64", encode_octets(octets))


def encode_octets(octets: bytes) -> bytes:
    """Write base64 in lines of 76 columns, each with CRLF at its end (RFC 2045 §6.8)."""
    pieces = [octets[start : start + _PIECE] for start in range(0, len(octets), _PIECE)]
    return b"".join(map(_base64_lines, pieces))


def _quoted_printable(octets: bytes) -> bytes:
    if len(octets) > _LARGEST_BY_LINES:
        return b2a_qp(octets, istext=True)
    return b"".join(map(_quoted_line, octets.splitlines(keepends=True)))


@lru_cache(maxsize=_LINES_KEPT)
def _quoted_line(line: bytes) -> bytes:
    """Most lines of a mail are those of its layout, which are the same in each mail."""
    return b2a_qp(line, istext=True)


def _base64_lines(octets: bytes) -> bytes:
    letters = b2a_base64(octets, newline=False)
    whole = len(letters) // _LINE
    # One call cuts all lines that are full: to slice them one by one takes twice as long.
    lines = [*unpack_from(f"{_LINE}s" * whole, letters), letters[whole * _LINE :]]
    if lines[-1]:
        lines.append(b"")
    return b"\r\n".join(lines)


def _goes_as_it_is(octets: bytes) -> bool:
    if octets.translate(None, _AS_IS):
        return False
    if max(map(len, octets.split(b"\r\n"))) > _LINE:
        return False
    lines = b"\n" + octets
    return not any(found in lines for found in _NOT_AS_IS)


def _reads_as_latin(octets: bytes) -> bool:
    if len(octets.translate(None, _ASCII)) * 6 >= len(octets):
        return False
    # Quoted-printable would leave the line start for a mailbox to change.
    return _MBOX_SEPARATOR not in octets and not octets.startswith(_MBOX_SEPARATOR[1:])
