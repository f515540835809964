"""Reads parts and multiparts by the small grammar that the assembler writes (RFC 2045, 2046, 2231)."""

import re
from binascii import a2b_qp, b2a_base64
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from webapp.mail.header_guard.intended import Branch, Leaf, Part, canonical_lines
from webapp.mail.header_guard.strict_values import Unread, is_folded_strangely

_KEPT: Final = 256
_MULTIPART = re.compile(
    rb"Content-Type: multipart/(?P<subtype>alternative|mixed|related)(?P<root>; type=\"text/html\")?"
    rb"; boundary=\"(?P<boundary>[A-Za-z0-9'()+_,./:=?-]{1,70})\""
)
_LEAF = re.compile(
    r"Content-Type: (?P<media_type>[a-z0-9.+-]+/[a-z0-9.+_-]+)(?P<parameters>(?:; [^\r\n]+)?)\r\n"
    r"Content-Transfer-Encoding: (?P<encoding>7bit|quoted-printable|base64)"
    r"(?:\r\nContent-ID: <(?P<content_id>[A-Za-z0-9@._-]+)>)?"
    r"(?:\r\nContent-Disposition: (?P<disposition>inline|attachment)(?P<file_name>; [^\r\n]+))?"
)
_OTHER_NAME = re.compile(r'; name="[A-Za-z0-9!#$&+,.^_`{}~()@ -]+"')
_PLAIN_NAME = re.compile(r'; filename="([A-Za-z0-9!#$&+,.^_`{}~()@ -]+)"')
_WHOLE_NAME = re.compile(r"; filename\*=utf-8''([A-Za-z0-9!#$&+.^_`{}~%-]+)")
_PIECE = re.compile(r"; filename\*(\d+)\*=([A-Za-z0-9!#$&+.^_`{}~%'-]+)")


class _Head(NamedTuple):
    media_type: str
    parameters: str
    disposition: str
    file_name: str
    content_id: str
    encoding: str


def is_part(head: bytes, body: bytes, part: Part) -> bool:
    """Tell whether head and body say exactly what the part says. Raises ValueError outside of the grammar."""
    return _is_branch(head, body, part) if isinstance(part, Branch) else _is_leaf(head, body, part)


def _is_branch(head: bytes, body: bytes, branch: Branch) -> bool:
    found = _MULTIPART.fullmatch(head)
    if found is None or found["subtype"].decode("ascii") != branch.subtype or b"=?" in found["boundary"]:
        return False
    if (found["root"] is not None) != (branch.subtype == "related"):
        return False
    before, *pieces, after = (b"\r\n" + body).split(b"\r\n--" + found["boundary"])
    if before or after not in {b"--", b"--\r\n"} or len(pieces) != len(branch.parts):
        return False
    return all(_is_piece(piece, part) for piece, part in zip(pieces, branch.parts, strict=True))


def _is_piece(piece: bytes, part: Part) -> bool:
    """A piece lies between two delimiters: the end of a delimiter's line, a head, an empty line, a body."""
    head, gap, body = piece.partition(b"\r\n\r\n")
    return bool(gap) and head.startswith(b"\r\n") and is_part(head[2:], body, part)


def _is_leaf(head: bytes, body: bytes, leaf: Leaf) -> bool:
    read = _read_head(head)
    meant = (leaf.media_type, leaf.parameters, leaf.disposition, leaf.file_name, leaf.content_id)
    return read[:-1] == meant and _is_content(read.encoding, body, leaf)


def _is_content(encoding: str, body: bytes, leaf: Leaf) -> bool:
    if leaf.media_type == "message/rfc822":
        return encoding == "7bit" and body == canonical_lines(leaf.content)
    if encoding == "base64":
        # Base64 of some octets can be written in one way only, and writing it is twice as fast as reading it.
        return body.translate(None, b"\r\n") == b2a_base64(leaf.content, newline=False)
    if encoding == "quoted-printable":
        return b" \r\n" not in body and b"\t\r\n" not in body and a2b_qp(body) == leaf.content
    return body == leaf.content


@lru_cache(maxsize=_KEPT)
def _read_head(head: bytes) -> _Head:
    found = _LEAF.fullmatch(head.decode("ascii").replace("\r\n ", " "))
    if found is None or is_folded_strangely(head):
        raise Unread
    if found["disposition"] is None:
        return _Head(
            found["media_type"], found["parameters"], "", "", found["content_id"] or "", found["encoding"]
        )
    if not _OTHER_NAME.fullmatch(found["parameters"]):
        raise Unread
    name = _read_file_name(found["file_name"])
    return _Head(
        found["media_type"], "", found["disposition"], name, found["content_id"] or "", found["encoding"]
    )


def _read_file_name(written: str) -> str:
    plain = _PLAIN_NAME.fullmatch(written)
    if plain:
        return plain[1]
    whole = _WHOLE_NAME.fullmatch(written)
    if whole:
        return _decoded(whole[1])
    pieces = _PIECE.findall(written)
    joined = "".join(f"; filename*{number}*={piece}" for number, (_, piece) in enumerate(pieces))
    if not pieces or joined != written or not pieces[0][1].startswith("utf-8''"):
        raise Unread
    first, *others = (piece for _, piece in pieces)
    return "".join(map(_decoded, [first.removeprefix("utf-8''"), *others]))


def _decoded(piece: str) -> str:
    if "'" in piece or re.search("%(?![0-9A-F]{2})", piece):
        raise Unread
    return unquote_to_bytes(piece).decode("utf-8")
