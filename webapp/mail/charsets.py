"""The character sets in which a mail's texts may be written, by the names that stand in mails (RFC 2978)."""

from collections.abc import Mapping
from typing import Final

UTF_8: Final = "utf-8"

#: Each holds ASCII as it is, so that line ends and markup are the same octets in all of them.
CHARSETS: Final[Mapping[str, str]] = {
    UTF_8: "UTF-8",
    "windows-1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "iso-8859-5": "ISO-8859-5",
    "windows-1252": "Windows-1252",
    "iso-8859-1": "ISO-8859-1",
}


def fitting(text: str, charset: str) -> str:
    """Return the character set if it has every letter of the text, else UTF-8, which has all there are."""
    if charset == UTF_8:
        return charset
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return UTF_8
    return charset
