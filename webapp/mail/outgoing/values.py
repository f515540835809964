"""What a mail is made of, as values: equal values make equal bytes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from webapp.mail.address import Mailbox, needs_smtputf8
from webapp.mail.charsets import UTF_8
from webapp.mail.outgoing.file_names import clean_file_name

ATTACHED_MAIL: Final = "message/rfc822"
ANY_BYTES: Final = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9.+-]{0,30}/[a-z0-9][a-z0-9.+_-]{0,80}")


@dataclass(frozen=True)
class Attachment:
    """A file that goes with the mail: any name, any bytes, and the type that was found out for them."""

    name: str
    content: bytes
    content_type: str = ANY_BYTES

    @property
    def file_name(self) -> str:
        """The name as it is sent: one line, no folders, never empty."""
        return clean_file_name(self.name)

    @property
    def media_type(self) -> str:
        """The type as it is sent: one that may stand over base64 (RFC 2046 §5), else plain octets."""
        wanted = self.content_type.lower()
        if wanted == ATTACHED_MAIL or _MEDIA_TYPE.fullmatch(wanted):
            return wanted
        return ANY_BYTES


@dataclass(frozen=True)
class InlineImage(Attachment):
    """A picture that the HTML shows as ``cid:`` and this id, of the form ``left@right`` (RFC 2392)."""

    content_id: str = ""


@dataclass(frozen=True)
class Invitation:
    """A calendar (RFC 5545) as text, and the METHOD that stands in it: REQUEST, CANCEL …"""

    calendar: str
    method: str = "REQUEST"


class Mail(NamedTuple):
    """Everything the bytes are made of.

    ``text`` may be None when there is HTML. ``headers`` are the extra ones (Auto-Submitted, References …).
    ``boundary`` is fixed for a message; the boundaries that are written derive from it. ``charset`` is that
    of texts and headers; where it lacks a letter of such a text, UTF-8 is used for it.
    """

    message_id: str
    date: datetime
    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    text: str | None
    boundary: str
    reply_to: Mailbox | None = None
    cc: tuple[Mailbox, ...] = ()
    html: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    invitation: Invitation | None = None
    inline_images: tuple[InlineImage, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    charset: str = UTF_8

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address in the headers can travel only by SMTPUTF8."""
        shown = (self.sender, *self.to, *self.cc, *((self.reply_to,) if self.reply_to else ()))
        return any(needs_smtputf8(mailbox.address) for mailbox in shown)
