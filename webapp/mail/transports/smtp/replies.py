"""Replies of an SMTP server (RFC 5321 §4.2): read under limits, cleaned for pages."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from webapp.mail.header_text import clean_line
from webapp.mail.transports.smtp.wire import ProtocolError, Wire

MOST_LINES: Final = 100
LONGEST_TEXT: Final = 500
_LINES_KEPT: Final = 16  # a server says the same few words to mail after mail
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_WAIT = re.compile(
    r"(?:again|retry|wait|delay)\D{0,30}?(\d{1,6})\s*(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?)\b",
    re.IGNORECASE,
)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_LONGEST_WAIT_S: Final = 86_400


class Reply(NamedTuple):
    """A code and its lines, which are decoded but not cleaned."""

    code: int
    lines: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether the command was carried out."""
        return 200 <= self.code < 300

    @property
    def is_temporary(self) -> bool:
        """Whether the server asks to try again later."""
        return 400 <= self.code < 500

    @property
    def text(self) -> str:
        """The reply in one clean line, cut to what a page shows."""
        return clean_line(" ".join(self.lines))[:LONGEST_TEXT]

    @property
    def retry_after_s(self) -> float | None:
        """The wait that the server asks for in words, if it names one."""
        found = _WAIT.search(self.text)
        if found is None:
            return None
        return min(float(found[1]) * _SECONDS[found[2][0].lower()], _LONGEST_WAIT_S)


def read_reply(wire: Wire, deadline: float, secrets: Sequence[str] = ()) -> Reply:
    """Read one reply, with ``secrets`` blotted out should the server repeat them.

    Raises OSError, ProtocolError.
    """
    lines: list[str] = []
    first = 0
    while len(lines) < MOST_LINES:
        code, is_last, text = _parsed(wire.read_line(deadline))
        if first and code != first:
            raise ProtocolError("the reply has two codes")
        first = code
        lines.append(text)
        if is_last:
            return Reply(code, _blotted(lines, secrets))
    raise ProtocolError("the reply does not end")


@lru_cache(maxsize=_LINES_KEPT)
def _parsed(line: bytes) -> tuple[int, bool, str]:
    """Return the code, whether the reply ends here, and the text."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise ProtocolError("the reply has no code")
    return int(found[1]), found[2] != b"-", (found[3] or b"").decode("utf-8", "replace")


def _blotted(lines: Sequence[str], secrets: Sequence[str]) -> tuple[str, ...]:
    for secret in secrets:
        lines = [line.replace(secret, "***") for line in lines]
    return tuple(lines)
