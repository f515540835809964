"""What must hold for every octet, whoever wrote it: lines that no server reads in two ways."""

from typing import Final

from webapp.mail.header_guard.mismatch import require

LONGEST_LINE: Final = 998  # RFC 5322 §2.1.1
_LONGEST_WITH_END: Final = LONGEST_LINE + len(b"\r\n")


def check_octets(raw: bytes) -> None:
    """Raise HeaderMismatch for a bare CR or LF, a NUL, a line too long or a body that is not ASCII."""
    require(raw.count(b"\r") == raw.count(b"\r\n") == raw.count(b"\n"), "bare_line_end")
    require(b"\0" not in raw, "nul")
    require(not has_long_line(raw), "long_line")
    if not raw.isascii():  # addresses of RFC 6531 stand in the head; every part has a 7-bit encoding
        require(raw.partition(b"\r\n\r\n")[2].isascii(), "eight_bit")


def has_long_line(octets: bytes) -> bool:
    """Tell whether a line is longer than 998 octets, where each ends with CRLF.

    One look for a line end, from the right, passes over a thousand octets; to look at each line takes
    four times as long.
    """
    start, last = 0, len(octets) - LONGEST_LINE
    while start < last:
        start = octets.rfind(b"\n", start, start + _LONGEST_WITH_END) + 1
        if not start:
            return True
    return False
