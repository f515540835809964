"""Names of files as people send them: kept in any script, freed of what deceives or breaks a file system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 255  # octets of UTF-8, which file systems take
LONGEST_ENDING: Final = 30
NAMELESS: Final = "file"
_SEPARATOR = re.compile(r"[/\\]")
#: Controls, line ends, half surrogate pairs, and what no file of Windows may be called by.
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff<>:"|?*]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: These turn a name around, so that "exe" seems to stand in its middle, or are not seen at all.
_UNSEEN = re.compile(r"[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def clean_name(name: str) -> str:
    """Return a name of one line, without folders, of at most 255 octets, its ending kept, never empty."""
    last = _SEPARATOR.split(unicodedata.normalize("NFC", name))[-1]
    seen = _UNSEEN.sub("", _CONTROL.sub("", last))
    one_line = " ".join(_UNFIT.sub("_", seen).split())
    trimmed = one_line.rstrip(". ")
    if not trimmed.strip("."):
        return NAMELESS
    return _shortened(f"_{trimmed}" if _RESERVED.fullmatch(trimmed) else trimmed)


def ending_of(name: str) -> str:
    """Return what stands behind the last dot, in small letters; nothing where there is no dot."""
    return name.rpartition(".")[2].casefold() if "." in name else ""


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = dot + ending if stem and len(ending.encode()) <= LONGEST_ENDING else ""
    whole = name if not tail else stem
    return whole.encode()[: LONGEST - len(tail.encode())].decode(errors="ignore").rstrip(". ") + tail
