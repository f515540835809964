"""A mail inside a mail: it goes as it is, and is encoded anew only where no 7-bit road would carry it.

This is the one shape that is not put together here: a foreign mail with 8-bit text or endless lines must
not go into base64 as a whole (RFC 2046 §5.2.1), so it has to be read and its parts encoded again, and for
that the standard package has the parser and the generator. It is given foreign bytes only, never headers
of ours, and what it makes of them is read back like all else. What it cannot make is sent as a file.
"""

import re
from email import encoders, message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final

LONGEST_LINE: Final = 998
_FIRST_LINE = re.compile(rb"[!-9;-~]+:")
_HEADER = re.compile(rb"^[!-9;-~]+:.*\n?(?:[ \t].*\n?)*", re.MULTILINE)
_LONGEST_HEADER: Final = 8000  # readers of mail need seconds for some ten kilobytes, minutes for some hundred
_LONGEST_HEADERS: Final = 64_000
_POLICY: Final = compat32.clone(linesep="\r\n", cte_type="7bit", max_line_length=None)
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError)


def seven_bit_mail(content: bytes) -> bytes | None:
    """Return the mail in ASCII lines that end with CRLF, or None when that cannot be had without loss."""
    octets = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if not _is_quick_to_read(octets):
        return None
    if _travels(octets):
        return octets
    octets = _encoded_anew(octets)
    return octets if _travels(octets) else None


def _is_quick_to_read(octets: bytes) -> bool:
    lengths = [len(found[0]) for found in _HEADER.finditer(octets)]
    is_mail = _FIRST_LINE.match(octets) is not None
    return is_mail and max(lengths, default=0) <= _LONGEST_HEADER and sum(lengths) <= _LONGEST_HEADERS


def _travels(octets: bytes) -> bool:
    if not octets or not octets.isascii() or b"\0" in octets:
        return False
    return max(map(len, octets.split(b"\r\n"))) <= LONGEST_LINE


def _encoded_anew(octets: bytes) -> bytes:
    try:
        mail = message_from_bytes(octets, policy=_POLICY)
        parts = list(mail.walk())
        if not all(map(_is_plain_to_read, parts)):
            return b""
        for part in parts:
            _encode(part)
        return mail.as_bytes()
    except _UNREADABLE:
        return b""


def _is_plain_to_read(part: Message) -> bool:
    """Tell that there is nothing which the generator would mend or guess at, as headers beyond ASCII."""
    return not part.defects and all(isinstance(value, str) for value in part.values())


def _encode(part: Message) -> None:
    if part.get("Content-Transfer-Encoding", "7bit").strip().lower() not in {"7bit", "8bit", "binary"}:
        return
    del part["Content-Transfer-Encoding"]
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes) and payload and not _travels(payload):
        encoders.encode_base64(part)
