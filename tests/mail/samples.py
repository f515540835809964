"""People, and mails small enough to read."""

from datetime import UTC, datetime

from webapp.mail.address import Mailbox
from webapp.mail.outgoing import Mail, build
from webapp.mail.transports.base import Envelope

SYSTEM = "desk@vestnik.test"
ALICE = "alice@x.test"
BOB = "bob@x.test"
CAROL = "carol@x.test"


def yes() -> bool:
    return True


def envelope(*recipients: str) -> Envelope:
    return Envelope(SYSTEM, recipients)


def mail(**more) -> Mail:
    values = {
        "message_id": "<1.abc@vestnik.test>",
        "date": datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        "sender": Mailbox("Service desk", SYSTEM),
        "to": (Mailbox("Bob", BOB),),
        "subject": "Ticket 12",
        "text": "hello\n",
        "boundary": "=_b1",
    }
    return Mail(**(values | more))


def raw_mail(text: str = "hello") -> bytes:
    """A mail whose body goes over the wire as it is written here."""
    return build(mail(text="here")).replace(b"here\r\n", text.encode() + b"\r\n")
