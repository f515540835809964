"""Text of people inside one header: cleaned, encoded so that it stays literal, and folded."""

import re
from binascii import b2a_base64
from functools import lru_cache
from typing import Final

from webapp.mail.address import Mailbox, is_wire_safe
from webapp.mail.charsets import UTF_8, fitting

_LINE: Final = 76
_LONGEST_WORD: Final = 75  # an encoded word with its frame (RFC 2047 §2)
_LONGEST_PLAIN_WORD: Final = 400
_LONGEST_TEXT: Final = 8000  # readers of mail need minutes for a header of some hundred kilobytes
_MAILBOXES_KEPT: Final = 2048  # senders are few, and people are written to again and again
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BIDI_CONTROL = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class HeaderRefused(ValueError):
    """A header cannot be written as asked; ``header`` names it, ``reason`` is a word for a screen.

    Reasons: control_character, bad_name, reserved_name, repeated_name, bad_address, bad_message_id,
    bad_boundary, too_long, bad_content_id, no_html, bad_method.
    """

    def __init__(self, header: str, reason: str) -> None:
        super().__init__(f"{header}: {reason}")
        self.header = header
        self.reason = reason


def clean_line(text: str) -> str:
    """Make one line of any text: controls become a space, bidirectional controls go, spaces are single."""
    return " ".join(_CONTROL.sub(" ", _BIDI_CONTROL.sub("", text)).split())


def has_control(text: str) -> bool:
    """Tell whether the text holds a character that must never stand in a header."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def write_text(header: str, text: str, charset: str = UTF_8) -> bytes:
    """Return the line ``header: text`` such that every reader sees exactly this text.

    Text that looks like an encoded word is itself encoded, else a reader would decode what a person
    typed. Where the character set lacks a letter UTF-8 is used. Raises HeaderRefused.
    """
    _refuse_unwritable(header, text)
    before = f"{header}: "
    return before.encode("ascii") + _text(text, len(before), charset)


def write_mailboxes(header: str, mailboxes: tuple[Mailbox, ...], charset: str = UTF_8) -> bytes:
    """Return the lines of a header that lists mailboxes, one on a line. Raises HeaderRefused."""
    first, *others = mailboxes
    lines = [_mailbox_line(header, first, f"{header}: ", charset)]
    lines += [_mailbox_line(header, mailbox, " ", charset) for mailbox in others]
    return b",\r\n".join(lines)


def _refuse_unwritable(header: str, text: str) -> None:
    if len(text) > _LONGEST_TEXT:
        raise HeaderRefused(header, "too_long")
    if has_control(text):
        raise HeaderRefused(header, "control_character")


def _text(text: str, column: int, charset: str) -> bytes:
    if not text.isascii() or "=?" in text or text != text.strip():
        return _encoded_words(text, column, charset)
    if column + len(text) <= _LINE:
        return text.encode("ascii")
    return _folded(text, column, charset)


@lru_cache(maxsize=_MAILBOXES_KEPT)
def _mailbox_line(header: str, mailbox: Mailbox, before: str, charset: str) -> bytes:
    """Return ``before``, with which the line begins, and the mailbox."""
    _refuse_unwritable(header, mailbox.name)
    if not is_wire_safe(mailbox.address):
        raise HeaderRefused(header, "bad_address")
    start = before.encode("ascii")
    address = mailbox.address.encode("utf-8")
    name = mailbox.name.strip()
    if not name:
        return start + address
    written = start + _phrase(name, len(before), charset)
    last_line = written.rpartition(b"\n")[2]
    gap = b" " if len(last_line) + len(address) + 3 <= _LINE else b"\r\n "
    return written + gap + b"<" + address + b">"


def _phrase(name: str, column: int, charset: str) -> bytes:
    if not name.isascii() or "=?" in name or column + len(name) > _LINE - 4:
        return _encoded_words(name, column, charset)
    if _ATOMS.fullmatch(name):
        return name.encode("ascii")
    return b'"' + re.sub(r'(["\\])', r"\\\1", name).encode("ascii") + b'"'


def _folded(text: str, column: int, charset: str) -> bytes:
    words = text.split(" ")
    if not all(0 < len(word) <= _LONGEST_PLAIN_WORD for word in words):
        return _encoded_words(text, column, charset)
    lines = [words[0]]
    used = column + len(words[0])
    for word in words[1:]:
        used += 1 + len(word)
        if used > _LINE:
            lines.append(word)
            used = 1 + len(word)
        else:
            lines[-1] += " " + word
    return "\r\n ".join(lines).encode("ascii")


def _encoded_words(text: str, column: int, charset: str) -> bytes:
    """RFC 2047 in base64; a character is never split between two words (§5)."""
    charset = fitting(text, charset)
    octets = text.encode(charset)
    before = f"=?{charset}?b?".encode("ascii")
    frame = len(before) + len(b"?=")
    longest = (_LONGEST_WORD - frame) // 4 * 3  # octets that make a word of base64
    room = min(max((_LINE - column - frame) // 4 * 3, 9), longest)
    words: list[bytes] = []
    start = 0
    while start < len(octets) or not words:
        end = start + room if charset != UTF_8 else _character_start(octets, start + room)
        words.append(before + b2a_base64(octets[start:end], newline=False) + b"?=")
        start, room = end, longest
    return b"\r\n ".join(words)


def _character_start(octets: bytes, place: int) -> int:
    while place < len(octets) and octets[place] & 0xC0 == 0x80:
        place -= 1
    return place
