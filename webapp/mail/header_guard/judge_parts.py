"""Compares parts as the standard parser finds them with those that are meant."""

import re
from email.errors import NonASCIILocalPartDefect
from email.headerregistry import BaseHeader
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default
from typing import Final, cast

from webapp.mail.header_guard.intended import Branch, Leaf, Part
from webapp.mail.header_guard.mismatch import HeaderMismatch, require

_NAMES: Final = {
    "content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version",
}  # fmt: skip
_ATTACHED_MAIL: Final = "message/rfc822"
_PARAMETER = re.compile(r'(charset|method)="?([^";]+)')


def check_part(part: EmailMessage, meant: Part, *, is_whole: bool = True) -> None:
    """Raise HeaderMismatch unless the part and all within it are as meant."""
    require(is_whole or {name.lower() for name in part} <= _NAMES, "header_names")
    require(not any(map(_is_defective, part.values())), "header_value")
    if isinstance(meant, Branch):
        _check_branch(part, meant)
    else:
        _check_leaf(part, meant)
    # Defects show up while a part is read: a delimiter that is missing, letters that are not base64 …
    require(not part.defects, "parts")


def _is_defective(value: BaseHeader) -> bool:
    """Tell whether the parser had to guess; letters beyond ASCII in an address are no guess (RFC 6531)."""
    return any(not isinstance(defect, NonASCIILocalPartDefect) for defect in value.defects)


def _check_branch(part: EmailMessage, meant: Branch) -> None:
    require(part.get_content_type() == f"multipart/{meant.subtype}", "parts")
    around = (part.preamble or "") + (part.epilogue or "")
    parts = list(part.iter_parts())
    require(not around.strip() and len(parts) == len(meant.parts), "parts")
    for inner, meant_inner in zip(parts, meant.parts, strict=True):
        check_part(cast("EmailMessage", inner), meant_inner, is_whole=False)


def _check_leaf(part: EmailMessage, meant: Leaf) -> None:
    require((part.get_content_disposition() or "") == meant.disposition, "parts")
    if meant.disposition:  # not get_filename(), which takes angle brackets and quotation marks away
        require(part["Content-Disposition"].params.get("filename") == meant.file_name, "parts")
    content_id = f"<{meant.content_id}>" if meant.content_id else ""
    require(str(part.get("Content-ID", "")) == content_id, "parts")
    if meant.media_type == _ATTACHED_MAIL:
        _check_attached_mail(part, meant)
        return
    require(part.get_content_type() == meant.media_type and not part.is_multipart(), "parts")
    for name, value in _PARAMETER.findall(meant.parameters):
        require(part.get_param(name) == value, "parts")
    require(part.get_payload(decode=True) == meant.content, "content")


def _check_attached_mail(part: EmailMessage, meant: Leaf) -> None:
    """A mail that no 7-bit road would carry was encoded anew, or goes as a file."""
    if part.get_content_type() != _ATTACHED_MAIL:
        require(part.get_content_type() == "application/octet-stream", "parts")
        require(part.get_payload(decode=True) == meant.content, "content")
        return
    require(part.get("Content-Transfer-Encoding", "7bit") == "7bit", "parts")
    inner = cast("list[Message]", part.get_payload())
    intended = BytesParser(policy=default).parsebytes(meant.content)
    require(_told(inner[0]) == _told(intended), "content")


def _told(mail: Message) -> list[object]:
    """All that a mail says, however its parts are encoded."""
    return [(part.get_content_type(), _headers(part), _content(part)) for part in mail.walk()]


def _headers(part: Message) -> list[tuple[str, str]]:
    ours = "content-transfer-encoding"
    return [(name, " ".join(str(value).split())) for name, value in part.items() if name.lower() != ours]


def _content(part: Message) -> bytes:
    if part.is_multipart():
        return b""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise HeaderMismatch("content")
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
