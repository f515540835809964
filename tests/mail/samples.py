"""People, and mails small enough to read."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from webapp.mail.address import Mailbox
from webapp.mail.outgoing import Mail, build
from webapp.mail.transports.base import Envelope, Outcome, Parcel, Transport

SYSTEM = "desk@vestnik.test"
ALICE = "alice@x.test"
BOB = "bob@x.test"
CAROL = "carol@x.test"


def yes() -> bool:
    return True


class Notes:
    """A ledger that keeps what became of each parcel, and when it was flushed."""

    def __init__(self, may_pass: Callable[[], bool] = yes) -> None:
        self.may_pass = may_pass
        self.outcomes: dict[int, dict[str, Outcome]] = {}
        self.story: list[str] = []
        self.goes_on: Callable[[Mapping[str, Outcome]], bool] = lambda _outcomes: True

    def may_pass_dot(self, parcel: Parcel) -> bool:
        self.story.append(f"dot {parcel.number}")
        return self.may_pass()

    def settle(self, parcel: Parcel, outcomes: Mapping[str, Outcome]) -> bool:
        self.story.append(f"settle {parcel.number}")
        self.outcomes[parcel.number] = dict(outcomes)
        return self.goes_on(outcomes)

    def flush(self) -> None:
        self.story.append("flush")

    def while_waiting(self) -> None:
        self.story.append("prepare")


def send(
    transport: Transport,
    to: Envelope,
    raw: bytes,
    may_pass: Callable[[], bool] = yes,
    *,
    may_hurry: bool = False,
) -> dict[str, Outcome]:
    """Carry one mail and return what became of every recipient."""
    notes = Notes(may_pass)
    transport.carry([Parcel(1, to, raw, may_hurry)], notes)
    return notes.outcomes[1]


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
