"""What must hold for every octet, whoever wrote it: lines that no server reads in two ways."""

from typing import Final

from webapp.mail.header_guard.mismatch import require

LONGEST_LINE: Final = 998  # RFC 5322 §2.1.1


def check_octets(raw: bytes) -> None:
    """Raise HeaderMismatch for a bare CR or LF, a NUL, a line too long or a body that is not ASCII."""
    lines = raw.split(b"\r\n")
    require(raw.count(b"\r") == len(lines) - 1 == raw.count(b"\n"), "bare_line_end")
    require(b"\0" not in raw, "nul")
    require(max(map(len, lines)) <= LONGEST_LINE, "long_line")
    if not raw.isascii():  # addresses of RFC 6531 stand in the head; every part has a 7-bit encoding
        require(raw.partition(b"\r\n\r\n")[2].isascii(), "eight_bit")
