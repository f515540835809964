"""The finished bytes of a mail read back: they must say what was meant and nothing more."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import default
from typing import Final

from webapp.mail.header_text import has_control
from webapp.mail.outgoing import Mail

LONGEST_LINE: Final = 998  # RFC 5322 §2.1.1
_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_LONG_LINE = re.compile(rb"[^\r\n]{%d}" % (LONGEST_LINE + 1))
_HEADER_LINE = re.compile(rb"([A-Za-z0-9-]+):")
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError)


class HeaderMismatch(ValueError):
    """The bytes differ from the mail that was meant; ``reason`` is a word for a screen.

    Reasons: bare_line_end, nul, long_line, no_body, header_line, unreadable, header_names, header_value,
    recipients, sender, reply_to, parts.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check(raw: bytes, mail: Mail) -> None:
    """Compare the bytes with the mail, by a scan of the octets and by the standard parser.

    Raises HeaderMismatch.
    """
    _check_octets(raw)
    head, gap, body = raw.partition(b"\r\n\r\n")
    _require(bool(gap), "no_body")
    names = _scanned_names(head)
    _require(sorted(names) == sorted(_intended_names(mail)), "header_names")
    _check_parsed(head, names, mail)
    _check_parts(head, body, mail)


def _require(holds: bool, reason: str) -> None:  # noqa: FBT001 - the condition is the whole point
    if not holds:
        raise HeaderMismatch(reason)


def _check_octets(raw: bytes) -> None:
    _require(not _BARE_LINE_END.search(raw), "bare_line_end")
    _require(b"\0" not in raw, "nul")
    _require(not _LONG_LINE.search(raw), "long_line")


def _scanned_names(head: bytes) -> list[str]:
    names: list[str] = []
    for line in head.split(b"\r\n"):
        if line.startswith((b" ", b"\t")) and names and line.strip():
            continue
        found = _HEADER_LINE.match(line)
        if found is None:
            raise HeaderMismatch("header_line")
        names.append(found[1].decode("ascii").lower())
    return names


def _intended_names(mail: Mail) -> Iterator[str]:
    yield from ("date", "from", "subject", "message-id", "mime-version", "content-type")
    if mail.html is None:
        yield "content-transfer-encoding"
    if mail.reply_to:
        yield "reply-to"
    if mail.to or not mail.cc:
        yield "to"
    if mail.cc:
        yield "cc"
    yield from (name.lower() for name in mail.headers)


def _check_parsed(head: bytes, names: list[str], mail: Mail) -> None:
    try:
        parsed = HeaderParser(policy=default).parsestr(head.decode("utf-8"))
        _require([name.lower() for name in parsed] == names, "header_names")
        _require(not any(has_control(str(value)) for value in parsed.values()), "header_value")
        _check_people(parsed, mail)
    except HeaderMismatch:
        raise
    except _UNREADABLE as error:
        raise HeaderMismatch("unreadable") from error


def _check_people(parsed: EmailMessage, mail: Mail) -> None:
    intended = [mailbox.address for mailbox in mail.to + mail.cc]
    shown = _addresses(parsed, "To") + _addresses(parsed, "Cc")
    _require(shown == intended, "recipients")
    _require(_addresses(parsed, "From") == [mail.sender.address], "sender")
    answers_to = [mail.reply_to.address] if mail.reply_to else []
    _require(_addresses(parsed, "Reply-To") == answers_to, "reply_to")


def _addresses(parsed: EmailMessage, name: str) -> list[str]:
    header = parsed[name]
    return [address.addr_spec for address in header.addresses] if header is not None else []


def _check_parts(head: bytes, body: bytes, mail: Mail) -> None:
    is_multipart = b"\r\ncontent-type: multipart/" in b"\r\n" + head.lower()
    _require(is_multipart == (mail.html is not None), "parts")
    if is_multipart:
        delimiter = b"\r\n--" + mail.boundary.encode("utf-8")
        _require((b"\r\n" + body).count(delimiter) == 3, "parts")
