"""The mails of a cell: queued through the program's own door, with a connection to the cell's server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from tests.faults.matrix.checker import MOST_COPIES, Told
from tests.faults.matrix.stage import Stage
from tests.support import mail, people
from webapp.core.db import db
from webapp.messaging.mail_connections.models import Encryption, MailConnection, SendingMode
from webapp.messaging.messages.models import Delivery, Kind, Lane, Message, MessageClass

LOGIN: Final = "desk"
CANARY: Final = "canary-right-3141"
#: Whether the sender knows messages that must never come twice; then one mail of a cell is such a one.
KNOWS_ONCE: Final = True
_ONCE: Final = 5
#: One mail of a cell has three recipients: shown, in copy, and hidden.
SEVERAL: Final = 2
_ROWS: Final = """
    SELECT d.id, d.address, d.state, d.ambiguous, d.cause, d.decided_by_id, m.message_id_header AS mail,
           m.event_id, m.rule_code, m.message_class
    FROM delivery d JOIN message m ON m.id = d.message_id ORDER BY d.id
"""


@dataclass(frozen=True)
class Server:
    """Where the mail goes, and whether one has to encrypt and to sign in."""

    port: int
    needs_tls: bool
    needs_sign_in: bool


def connect(server: Server, mode: str) -> int:
    """Make the default connection and return its number."""
    values = {"has_sign_in": True, "login": LOGIN, "password": CANARY} if server.needs_sign_in else {}
    encryption = Encryption.STARTTLS if server.needs_tls else Encryption.NONE
    connection: MailConnection = mail.make_connection(server.port, encryption=encryption, **values)
    connection.sending_mode = mode
    return connection.id


def queue(count: int, mode: str) -> frozenset[tuple[str, str]]:
    """Queue so many mails of several kinds, and return Message-ID and address of each."""
    accounts = [people.make_account(f"To{number} Person") for number in range(1, count + 1)]
    urgent = {1: Lane.PERSON_WAITS, 3: Lane.PERSON_WAITS}
    mail.create(
        *(
            mail.make_order(
                account, lane=urgent.get(number, Lane.ORDINARY), message_class=_class_of(number, mode)
            )
            for number, account in enumerate(accounts, 1)
        )
    )
    _add_recipients(SEVERAL)
    db.session.commit()
    rows = db.session.execute(select(Message.message_id_header, Delivery.address).join(Message.deliveries))
    return frozenset((str(row[0]), str(row[1])) for row in rows)


def _class_of(number: int, mode: str) -> MessageClass:
    if number == _ONCE and KNOWS_ONCE:
        return MessageClass.ONCE
    return MessageClass.MASS if mode == SendingMode.BULK and number % 2 == 0 else MessageClass.NOTICE


def _add_recipients(number: int) -> None:
    """Give a mail two recipients more, as a rule with copies will."""
    first = db.session.scalars(select(Delivery).where(Delivery.address == f"to{number}@example.com")).one()
    for kind in (Kind.CC, Kind.BCC):
        copy = Delivery(
            message_id=first.message_id,
            connection_id=first.connection_id,
            address=f"{kind.value}{number}@example.com",
            kind=kind.value,
            lane=first.lane,
            due_at=first.due_at,
            expires_at=first.expires_at,
        )
        db.session.add(copy)


def told(stage: Stage, cancelled: dict[int, float]) -> list[Told]:
    """Return what the database says of every delivery."""
    return [
        Told(
            message_id=row.mail,
            address=row.address,
            state=row.state,
            ambiguous=row.ambiguous,
            cause_key=f"{row.event_id}:{row.rule_code}" if row.event_id else "",
            is_explained=row.cause is not None or row.decided_by_id is not None,
            cancelled_at=cancelled.get(row.id),
            most_copies=1 if row.message_class == MessageClass.ONCE else MOST_COPIES,
        )
        for row in stage.ask(_ROWS)
    ]
