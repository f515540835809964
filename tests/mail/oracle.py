"""The same mail by the standard package: slow, well known, and written by somebody else."""

from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default

from webapp.mail.address import Mailbox
from webapp.mail.outgoing import Attachment, Mail

#: Header lines are not folded: the package loses quotation marks when it folds names.
UNFOLDED = SMTP.clone(max_line_length=None, cte_type="7bit")


def build(mail: Mail) -> bytes:
    """Build the mail as its documentation says that one should."""
    message = EmailMessage(policy=SMTP)
    message["Date"] = mail.date
    message["From"] = _address(mail.sender)
    if mail.reply_to:
        message["Reply-To"] = _address(mail.reply_to)
    if mail.to:
        message["To"] = list(map(_address, mail.to))
    if mail.cc:
        message["Cc"] = list(map(_address, mail.cc))
    if not mail.to and not mail.cc:
        message["To"] = "undisclosed-recipients:;"
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    for name, value in mail.headers.items():
        message[name] = value
    _add_content(message, mail)
    return message.as_bytes(policy=UNFOLDED)


def _address(mailbox: Mailbox) -> Address:
    return Address(mailbox.name, addr_spec=mailbox.address)


def _add_content(message: EmailMessage, mail: Mail) -> None:
    texts = [("plain", mail.text)] if mail.text is not None or mail.html is None else []
    if mail.html is not None:
        texts.append(("html", mail.html))
    for number, (subtype, text) in enumerate(texts):
        add = message.add_alternative if number else message.set_content
        add(text or "", subtype=subtype, charset="utf-8")
    if mail.inline_images:
        _relate(message, mail)
    if mail.invitation:
        message.add_alternative(
            mail.invitation.calendar,
            subtype="calendar",
            charset="utf-8",
            params={"method": mail.invitation.method},
        )
    for attachment in mail.attachments:
        _attach(message, attachment)


def _relate(message: EmailMessage, mail: Mail) -> None:
    html = message.get_body(("html",))
    assert html is not None
    for image in mail.inline_images:
        kind, _, subtype = image.media_type.partition("/")
        html.add_related(
            image.content,
            kind,
            subtype,
            cid=f"<{image.content_id}>",
            filename=image.file_name,
            disposition="inline",
        )


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    if attachment.media_type == "message/rfc822":
        inner = message_from_bytes(attachment.content, policy=default)
        message.add_attachment(inner, filename=attachment.file_name)
        return
    kind, _, subtype = attachment.media_type.partition("/")
    message.add_attachment(attachment.content, kind, subtype, filename=attachment.file_name)
