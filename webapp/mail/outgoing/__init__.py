"""A mail as values, and its bytes: the same bytes each time, CRLF at every line end."""

from webapp.mail.outgoing.assembly import build
from webapp.mail.outgoing.values import Attachment, InlineImage, Invitation, Mail

__all__ = ["Attachment", "InlineImage", "Invitation", "Mail", "build"]
