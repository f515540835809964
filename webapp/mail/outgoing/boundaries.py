"""Boundaries of a mail's parts: derived from the one fixed for the message, met nowhere in the content."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from webapp.mail.header_text import HeaderRefused

_BOUNDARY = re.compile(r"(?!.*=\?)[A-Za-z0-9'()+_,./:=?-]{1,70}")
_LONGEST_BASE: Final = 68  # two characters are added where parts stand in parts


def derive_boundaries(wanted: str, parts: Sequence[bytes], number: int) -> list[bytes]:
    """Return a boundary for each multipart, the same ones for the same content.

    None is the beginning of another: some readers look at the beginning of a line only. Raises
    HeaderRefused.
    """
    if not _BOUNDARY.fullmatch(wanted):
        raise HeaderRefused("Content-Type", "bad_boundary")
    base = _absent(wanted, parts)
    return [base] if number == 1 else [base + b".%d" % place for place in range(number)]


def _absent(wanted: str, parts: Sequence[bytes]) -> bytes:
    """Content that holds the wanted boundary, by chance or by malice, cannot have foreseen this one."""
    base, attempt = wanted.encode("ascii"), 0
    while len(base) > _LONGEST_BASE or any(base in part for part in parts):
        attempt += 1
        seed = hashlib.sha256(f"{attempt} {wanted}".encode("ascii"))
        for part in parts:
            seed.update(part)
        base = b"part-" + seed.hexdigest()[:40].encode("ascii")
    return base
