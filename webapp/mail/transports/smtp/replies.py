"""Replies of an SMTP server (RFC 5321 §4.2): read under limits, cleaned for pages."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from webapp.mail.header_text import clean_line
from webapp.mail.transports.smtp.wire import Deadline, ProtocolError, Wire

MOST_LINES: Final = 100
LONGEST_TEXT: Final = 500
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


def read_reply(wire: Wire, deadline: Deadline, secrets: Sequence[str] = ()) -> Reply:
    """Read one reply, with ``secrets`` blotted out should the server repeat them.

    Raises OSError, ProtocolError.
    """
    lines: list[str] = []
    code = b""
    while len(lines) < MOST_LINES:
        found = _LINE.fullmatch(wire.read_line(deadline))
        if found is None or (code and found[1] != code):
            raise ProtocolError("the reply has no code")
        code = found[1]
        lines.append(_blotted((found[3] or b"").decode("utf-8", "replace"), secrets))
        if found[2] != b"-":
            return Reply(int(code), tuple(lines))
    raise ProtocolError("the reply does not end")


def _blotted(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
