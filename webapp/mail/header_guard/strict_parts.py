"""Reads parts and multiparts by the small grammar that the assembler writes (RFC 2045, 2046, 2231)."""

import re
from binascii import a2b_qp, b2a_base64
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from webapp.mail.header_guard.intended import Branch, Leaf, Part, canonical_lines
from webapp.mail.header_guard.octets import has_long_line
from webapp.mail.header_guard.strict_values import Unread, is_folded_strangely

_KEPT: Final = 256
_TYPES: Final = {
    "alternative": b"\r\nContent-Type: multipart/alternative",
    "mixed": b"\r\nContent-Type: multipart/mixed",
    "related": b'\r\nContent-Type: multipart/related; type="text/html"',
}
_BOUNDARY = re.compile(rb"\"((?!.*=\?)[A-Za-z0-9'()+_,./:=?-]{1,70})\"")
_LEAF = re.compile(
    r"\r\nContent-Type: (?P<media_type>[a-z0-9.+-]+/[a-z0-9.+_-]+)(?P<parameters>(?:; [^\r\n]+)?)\r\n"
    r"Content-Transfer-Encoding: (?P<encoding>7bit|quoted-printable|base64)"
    r"(?:\r\nContent-ID: <(?P<content_id>[A-Za-z0-9@._-]+)>)?"
    r"(?:\r\nContent-Disposition: (?P<disposition>inline|attachment)(?P<file_name>; [^\r\n]+))?"
)
_OTHER_NAME = re.compile(r'; name="[A-Za-z0-9!#$&+,.^_`{}~()@ -]+"')
_PLAIN_NAME = re.compile(r'; filename="([A-Za-z0-9!#$&+,.^_`{}~()@ -]+)"')
_WHOLE_NAME = re.compile(r"; filename\*=utf-8''([A-Za-z0-9!#$&+.^_`{}~%-]+)")
_PIECE = re.compile(r"; filename\*(\d+)\*=([A-Za-z0-9!#$&+.^_`{}~%'-]+)")


class _Head(NamedTuple):
    """What the head of a leaf says; behind the encoding the fields are those of Leaf."""

    encoding: str
    media_type: str
    parameters: str
    disposition: str
    file_name: str
    content_id: str


def is_part(octets: bytes, part: Part) -> bool:
    """Tell whether the octets say exactly what the part says. Raises ValueError outside of the grammar.

    They begin with the end of the line before: then come a head, an empty line and a body. That all of
    them are ASCII has been seen to.
    """
    head, gap, body = octets.partition(b"\r\n\r\n")
    if isinstance(part, Branch):
        return _is_branch(head, body, part)
    read = _read_head(head)
    return bool(gap) and read[1:] == part[1:] and _is_content(read.encoding, body, part)


def _is_branch(head: bytes, body: bytes, branch: Branch) -> bool:
    media_type, _, quoted = head.partition(b"; boundary=")
    boundary = _BOUNDARY.fullmatch(quoted)
    if boundary is None or media_type != _TYPES[branch.subtype]:
        return False
    before, *pieces, after = (b"\r\n" + body).split(b"\r\n--" + boundary[1])
    if before or after not in {b"--", b"--\r\n"} or len(pieces) != len(branch.parts):
        return False
    return all(map(is_part, pieces, branch.parts))


def _is_content(encoding: str, body: bytes, leaf: Leaf) -> bool:
    if leaf.media_type == "message/rfc822":
        return encoding == "7bit" and body == canonical_lines(leaf.content) and not has_long_line(body)
    letters = _without_line_ends(body)
    if encoding == "base64":
        # Base64 of some octets can be written in one way only, and writing it is twice as fast as reading it.
        return letters == b2a_base64(leaf.content, newline=False)
    if encoding == "quoted-printable":
        return not _has_loose_space(body) and a2b_qp(body) == leaf.content
    return body == leaf.content


def _without_line_ends(body: bytes) -> bytes:
    """Return the lines as one. Raises Unread unless each ends with CRLF and is at most 998 octets long."""
    lines = body.splitlines()
    joined = b"".join(lines)
    if len(body) - len(joined) != 2 * len(lines) or has_long_line(body):  # a bare CR or LF is one octet
        raise Unread
    return joined


def _has_loose_space(body: bytes) -> bool:
    """Tell whether a line ends with space, which servers and readers cut off."""
    # Space is frequent and tabs are rare: from the right, and by the tab alone, the search is short.
    return body.rfind(b" \r") >= 0 or (b"\t" in body and b"\t\r" in body)


@lru_cache(maxsize=_KEPT)
def _read_head(octets: bytes) -> _Head:
    found = _LEAF.fullmatch(octets.decode("ascii").replace("\r\n ", " "))
    if found is None or is_folded_strangely(octets) or has_long_line(octets):
        raise Unread
    head = _Head(
        found["encoding"], found["media_type"], found["parameters"], "", "", found["content_id"] or ""
    )
    if found["disposition"] is None:
        return head
    if not _OTHER_NAME.fullmatch(head.parameters):
        raise Unread
    name = _read_file_name(found["file_name"])
    return head._replace(parameters="", disposition=found["disposition"], file_name=name)


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
