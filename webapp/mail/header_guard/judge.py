"""Reads the bytes of a mail with the standard parser and compares everything that it finds with the mail."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import Parser
from email.policy import default

from webapp.mail.header_guard.intended import (
    Leaf,
    People,
    intended_part,
    intended_people,
    intended_texts,
)
from webapp.mail.header_guard.judge_parts import check_part
from webapp.mail.header_guard.mismatch import HeaderMismatch, require
from webapp.mail.outgoing import Mail

_HEADER_LINE = re.compile(r"([A-Za-z0-9-]+):")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
_REASONS = {"from": "sender", "reply-to": "reply_to", "to": "recipients", "cc": "recipients"}


def check(raw: bytes, mail: Mail) -> None:
    """Raise HeaderMismatch unless the standard parser finds exactly what the mail says."""
    head, gap, _ = raw.partition(b"\r\n\r\n")
    require(bool(gap), "no_body")
    require(raw.endswith(b"\r\n"), "content")
    try:
        names = _scanned_names(head.decode("utf-8"))
        require(sorted(names) == sorted(_intended_names(mail)), "header_names")
        parsed = Parser(policy=default).parsestr(raw.decode("utf-8"))
        require([name.lower() for name in parsed] == names, "header_names")
        require(not any(_CONTROL.search(str(value)) for value in parsed.values()), "header_value")
        _check_values(parsed, mail)
        check_part(parsed, intended_part(mail))
    except HeaderMismatch:
        raise
    except _UNREADABLE as error:
        raise HeaderMismatch("unreadable") from error


def _scanned_names(head: str) -> list[str]:
    """Find header names in the lines, without the parser: it takes some wrong lines for a body."""
    names: list[str] = []
    for line in head.split("\r\n"):
        if line.startswith((" ", "\t")) and names and line.strip():
            continue
        found = _HEADER_LINE.match(line)
        if found is None:
            raise HeaderMismatch("header_line")
        names.append(found[1].lower())
    return names


def _intended_names(mail: Mail) -> Iterator[str]:
    yield from ("date", "message-id", "mime-version", "content-type")
    yield from intended_people(mail)
    yield from intended_texts(mail)
    if not mail.to and not mail.cc:
        yield "to"
    if isinstance(intended_part(mail), Leaf):
        yield "content-transfer-encoding"


def _check_values(parsed: EmailMessage, mail: Mail) -> None:
    people = intended_people(mail)
    for header, reason in _REASONS.items():
        require(_people(parsed, header) == _spaceless(people.get(header, ())), reason)
    for header, text in intended_texts(mail).items():
        require(str(parsed[header]) == text, "subject" if header == "subject" else "header_value")
    require(parsed["Date"].datetime == mail.date.replace(microsecond=0), "date")
    require(str(parsed["MIME-Version"]) == "1.0", "header_value")
    require(str(parsed["Message-ID"]) == mail.message_id, "message_id")


def _people(parsed: EmailMessage, header: str) -> People:
    found = parsed[header]
    if found is None:
        return ()
    if any(group.display_name is not None and group.addresses for group in found.groups):
        raise HeaderMismatch(_REASONS[header])
    return _spaceless(tuple((address.display_name, address.addr_spec) for address in found.addresses))


def _spaceless(people: People) -> People:
    """Some versions of the parser add and drop spaces around encoded words of a name (RFC 2047 §6.2)."""
    return tuple(("".join(name.split()), address) for name, address in people)
