"""The grammar of a mail's head: which lines stand there, in which order, and how a value may be folded."""

import re
from functools import lru_cache
from typing import Final

from webapp.mail.header_guard.strict_values import Unread

_KEPT: Final = 64
_OURS: Final = (
    "date", "from", "reply-to", "to", "cc", "subject", "message-id",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9-]{1,70}")
# With the name a line stays below 998 octets, and readers disagree about a space at its end.
_LINE: Final = r"[ -~]{1,900}(?<! )"
_VALUE: Final = rf"((?! ){_LINE}(?:\r\n {_LINE})*)\r\n"
_WORD: Final = r"((?!\S*=\?)[!-~]{1,900})\r\n"
_FIRST: Final = (
    f"Date: {_VALUE}From: {_VALUE}(?:Reply-To: {_VALUE})?(?:To: {_VALUE})?(?:Cc: {_VALUE})?"
    f"Subject: {_VALUE}Message-ID: {_WORD}"
)


@lru_cache(maxsize=_KEPT)
def head_grammar(others: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches a head with these other headers, as far as the version of MIME.

    Its groups are the values, folded as they are: date, sender, reply to, to, cc, subject, message id,
    and the others. Raises Unread when names repeat, or could be more than names.
    """
    names = [*_OURS, *map(str.lower, others)]
    if len(set(names)) != len(names) or not all(map(_NAME.fullmatch, others)):
        raise Unread
    written = "".join(f"{name}: {_VALUE}" for name in others)
    return re.compile(rf"{_FIRST}{written}MIME-Version: 1\.0")
