"""Names of files in the headers of a part (RFC 2183, RFC 2231)."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from webapp.mail.header_text import clean_line

_LONGEST_NAME: Final = 150  # octets of UTF-8: file systems take 255, and mail programs add " (2)" to it
_LONGEST_PIECE: Final = 54
_LONGEST_SUFFIX: Final = 20
_PLAIN = re.compile(r"[A-Za-z0-9!#$&+,.^_`{}~()@ -]{1,60}")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9+,._()@ -]+")
_KEPT: Final = "!#$&+^`{}~"  # RFC 2231 attribute-char, beyond what ``quote`` keeps by itself


def clean_file_name(name: str) -> str:
    """Make a file name of any text: one line, no folders, at most 150 octets, ending kept, never empty."""
    last = re.split(r"[/\\]", clean_line(name))[-1].strip(" .")
    stem, suffix = _split(last or "file")
    return _cut(stem, _LONGEST_NAME - len(suffix.encode())) + suffix


def ascii_file_name(name: str) -> str:
    """Return a name for mail programs that do not know RFC 2231: letters they lack become ``_``."""
    if _PLAIN.fullmatch(name):
        return name
    stem, suffix = _split(_NOT_PLAIN.sub("_", name))
    return (stem[: 60 - len(suffix)].strip("_ ") or "file") + suffix


def file_name_parameter(name: str) -> str:
    """Write the ``filename`` parameter, each piece on a line of its own (RFC 2231 §3)."""
    if _PLAIN.fullmatch(name):
        return f';\r\n filename="{name}"'
    pieces = list(_pieces(name))
    if len(pieces) == 1:
        return f";\r\n filename*={pieces[0]}"
    numbered = (f";\r\n filename*{number}*={piece}" for number, piece in enumerate(pieces))
    return "".join(numbered)


def _pieces(name: str) -> Iterator[str]:
    """Cut between characters: some readers decode each piece alone."""
    piece = "utf-8''"
    for character in name:
        written = quote(character, safe=_KEPT)
        if len(piece) + len(written) > _LONGEST_PIECE:
            yield piece
            piece = ""
        piece += written
    yield piece


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > _LONGEST_SUFFIX:
        return name, ""
    return stem, dot + suffix


def _cut(text: str, octets: int) -> str:
    return text.encode()[:octets].decode(errors="ignore")
