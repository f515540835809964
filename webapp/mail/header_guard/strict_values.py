"""Reads the value of one header, folded or not, by a small strict grammar; the rest is not read at all.

Headers repeat from mail to mail (From, Reply-To, one person many times), so what was read is kept.
"""

import re
from binascii import a2b_base64, b2a_base64
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

from webapp.mail.address import Mailbox

_KEPT: Final = 2048
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_WORD = r"=\?utf-8\?b\?(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\?="
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_MAILBOX = re.compile(
    rf"(?:(?:(?P<words>{_WORD}(?: {_WORD})*)"
    rf"|(?P<atoms>{_ATOM}(?: {_ATOM})*)"
    r'|"(?P<quoted>(?:[^"\\]|\\["\\])*)") '
    rf"<(?P<addressed>{_ADDRESS})>|(?P<bare>{_ADDRESS}))(?:, (?!$)|$)"
)
_START: Final = "=?utf-8?b?"
_END: Final = "?="
_BETWEEN: Final = f"{_END} {_START}"
_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
_BARE_NAME = re.compile(rb"^[^ :]*:\r\n", re.MULTILINE)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Unread(ValueError):
    """The value is outside of the grammar."""


def is_folded_strangely(head: bytes) -> bool:
    """Tell whether a line of headers ends so that readers disagree where a value begins or ends."""
    return b" \r\n" in head or (b":\r\n" in head and _BARE_NAME.search(head) is not None)


def read_text(value: str) -> str:
    """Return free text as people see it. Raises Unread, or ValueError for wrong base64 and UTF-8."""
    value = value.replace("\r\n ", " ")
    return _decoded(value) if "=?" in value else value


@lru_cache(maxsize=_KEPT)
def read_people(value: str) -> tuple[Mailbox, ...]:
    """Return a list of mailboxes. Raises Unread, or another ValueError."""
    people, place = [], 0
    line = value.replace("\r\n ", " ")
    while place < len(line):
        found = _MAILBOX.match(line, place)
        if found is None:
            raise Unread
        people.append(Mailbox(_name(found), _address(found)))
        place = found.end()
    return tuple(people)


@lru_cache(maxsize=_KEPT)
def read_date(value: str) -> datetime:
    """Return the time, which must be written in UTC. Raises Unread, or another ValueError."""
    if not _DATE.fullmatch(value):
        raise Unread
    return parsedate_to_datetime(value)


def _name(found: re.Match[str]) -> str:
    if found["words"]:
        return _decoded(found["words"])
    name = found["atoms"] or found["quoted"] or ""
    if "=?" in name:
        raise Unread
    return re.sub(r"\\(.)", r"\1", name)


def _address(found: re.Match[str]) -> str:
    address = found["addressed"] or found["bare"]
    if "=?" in address:
        raise Unread
    return address


def _decoded(value: str) -> str:
    """Decode each word alone, as other readers do; between two of them the space is not part of the text."""
    words = value.removeprefix(_START).removesuffix(_END)
    if f"{_START}{words}{_END}" != value:
        raise Unread
    text = "".join([_octets(letters).decode("utf-8") for letters in words.split(_BETWEEN)])
    if not text.isprintable() and _INVISIBLE.search(text):
        raise Unread
    return text


def _octets(letters: str) -> bytes:
    """Base64 of some octets can be written in one way only; Python takes others too."""
    octets = a2b_base64(letters)
    if b2a_base64(octets, newline=False) != letters.encode("ascii"):
        raise Unread
    return octets
