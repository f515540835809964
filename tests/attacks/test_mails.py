"""Each hostile text alone, from a form to the mail server: headers, recipient and words stay as meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from tests.attacks.cases import LITERALS, as_read
from tests.attacks.oracles import Shape, Shapes, judged
from tests.attacks.world import CANARY
from tests.support.mail import lift_limit, make_connection, parsed
from tests.support.pages import PageClient
from tests.support.smtp_sink import SmtpSink, Taken
from webapp.core.db import db
from webapp.messaging.messages.models import Delivery, DeliveryState, Message
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
LONGEST_TITLE = 255
#: What becomes of half a surrogate pair on its way through a form.
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


@pytest.mark.timeout(600)
def test_a_mail_keeps_its_headers_and_recipient_whatever_people_write(
    app: Flask, alice: Account, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    alices, bobs = Writer(sign_in(alice)), Writer(sign_in(bob))
    with SmtpSink(logins={"desk": CANARY}) as sink:
        make_connection(sink.port, has_sign_in=True, login="desk", password=CANARY)
        lift_limit()
        exchange(alices, bobs, "Harmless words https://example.org/")
        drain()
        kinds = described(sink.ledger)
        for text in texts():
            exchange(alices, bobs, text)
        drain()
        for mail in sink.ledger:
            check(mail, kinds)
        bodies = [" ".join(body(parsed(mail.raw), "plain").split()) for mail in sink.ledger]
    assert not [text for text in texts() if not any(as_read(text) in each for each in bodies)]
    assert recipients_of(sink.ledger) == recipients_in_the_database()
    assert len(sink.ledger) > len(LITERALS) // 2


def texts() -> Iterator[str]:
    """Half of the literals, the other database has the rest, as a form hands them on."""
    share = int(db.engine.dialect.name == "sqlite")
    return (case.text[:LONGEST_TITLE].translate(SURROGATES) for case in LITERALS[share::2])


class Writer:
    """Somebody who fills in forms."""

    def __init__(self, browser: PageClient) -> None:
        self.client = browser.client
        self.token = {"csrf_token": browser.csrf_token()}

    def send(self, address: str, **fields: str) -> str:
        """Send a form that must be taken; returns where it leads."""
        answer = judged(lambda: self.client.post(address, data={**fields, **self.token}), fields)
        assert answer.status_code == 303, fields
        return str(answer.location)


def exchange(alices: Writer, bobs: Writer, text: str) -> None:
    """Let Alice register a ticket that is called so, and Bob answer so: she gets a mail with both."""
    common = {"type": "incident", "priority": "3", "description": text}
    ticket = alices.send("/records/ticket/new", title=text, **common)
    bobs.send(f"{ticket}/comments", body=text, audience="public")


def check(mail: Taken, kinds: set[Shape]) -> None:
    """The headers of a harmless mail, no foreign element in its HTML, no secret, no bare line end."""
    message = parsed(mail.raw)
    assert mail.bare_line_ends == 0, mail.raw
    assert mail.recipients == (message["To"].addresses[0].addr_spec,), mail.raw
    assert CANARY.encode() not in mail.raw
    assert described([mail]) <= kinds, (described([mail]) - kinds, mail.raw)
    assert "evil" not in message["To"] + message["From"] + message["Reply-To"], mail.raw
    assert message["Auto-Submitted"] in {"auto-generated", "auto-replied"}
    assert message["Message-ID"].strip().endswith("@example.com>")


def described(mails: list[Taken]) -> set[Shape]:
    """The kinds of mails: names of headers, shapes of the HTML."""
    found: set[Shape] = set()
    for mail in mails:
        message = parsed(mail.raw)
        found.add(("headers", tuple(sorted(name.lower() for name, _value in message.items()))))
        shapes = Shapes(body(message, "html"))
        assert not shapes.strange, shapes.strange
        found |= shapes.found
    return found


def body(message: EmailMessage, kind: str) -> str:
    """One of the mail's two bodies."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def recipients_of(ledger: list[Taken]) -> Counter[tuple[str, str]]:
    """Whom the server was told to give each mail."""
    return Counter((parsed(mail.raw)["Message-ID"].strip(), *mail.recipients) for mail in ledger)


def recipients_in_the_database() -> Counter[tuple[str | None, str]]:
    """Whom the program meant, by what it says that it has sent."""
    db.session.rollback()
    sent = select(Message.message_id_header, Delivery.address).join(Delivery.message)
    rows = db.session.execute(sent.where(Delivery.state == DeliveryState.SENT.value)).all()
    return Counter((message_id, address) for message_id, address in rows)
