"""The parts of a message as they are kept: packed, and sealed when they hold a way to sign in."""

from __future__ import annotations

import json
import zlib
from typing import Final, NamedTuple

from webapp.core import secret_box

_PLAIN: Final = b"z"
_SEALED: Final = b"s"


class Parts(NamedTuple):
    """The two forms of a message's text, and by its hash the logo that the HTML shows; "" for none."""

    text: str
    html: str
    logo: str = ""


def pack(parts: Parts, *, is_secret: bool) -> bytes:
    """Return the parts as bytes for their column; only the installation's key opens secret ones."""
    head = f"{len(parts.text)},{parts.logo}" if parts.logo else len(parts.text)
    plain = f"{head}:{parts.text}{parts.html}"
    if is_secret:
        return _SEALED + secret_box.seal(plain).encode("ascii")
    # A higher level takes half as long again and saves a sixteenth.
    return _PLAIN + zlib.compress(plain.encode(), 1)


def unpack(packed: bytes) -> Parts:
    """Return what ``pack`` was given. Raises SecretLost."""
    if packed[:1] == _SEALED:
        plain = secret_box.open_sealed(packed[1:].decode("ascii"))
    else:
        plain = zlib.decompress(packed[1:]).decode()
    if plain.startswith("{"):  # an older row
        return Parts(**json.loads(plain))
    head, _, both = plain.partition(":")
    length, _, logo = head.partition(",")
    end = int(length)
    return Parts(both[:end], both[end:], logo)
