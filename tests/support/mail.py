"""Outgoing mail for tests: a connection to a sink, orders, what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from typing import Any

from sqlalchemy import select

from webapp.core.db import db
from webapp.events.services import Subject
from webapp.messaging.mail_connections import services
from webapp.messaging.mail_connections.models import Encryption, MailConnection
from webapp.messaging.mail_connections.services import SendingParameters, ServerSettings
from webapp.messaging.messages import compose, dots
from webapp.messaging.messages.claims import Batch
from webapp.messaging.messages.models import Attempt, Delivery
from webapp.messaging.messages.orders import Channel, MessageOrder, MessageText
from webapp.messaging.messages.prepared import Composed
from webapp.people.accounts.models import Account
from webapp.people.company import settings as company

SENDING = SendingParameters("support@example.com", "vestnik@example.com", "Service desk")
_numbers = count(1)


def make_connection(
    port: int = 2525, *, host: str = "127.0.0.1", is_complete: bool = True, **server: Any
) -> MailConnection:
    """Make the default connection, by default with everything that it needs."""
    settings = ServerSettings(
        host=host, port=port, encryption=server.pop("encryption", Encryption.NONE), **server
    )
    connection = services.create_connection(settings, actor_id=None)
    if is_complete:
        connection.support_address = SENDING.support_address
        connection.system_address = SENDING.system_address
        connection.sender_name = SENDING.sender_name
    db.session.commit()
    return connection


def lift_limit() -> None:
    """Let one address get any number of mails."""
    company.change(replace(company.get(), most_per_address=None), actor=None)
    db.session.commit()


def make_order(account: Account | None, **changes: Any) -> MessageOrder:
    """Make an order about ticket 12 in English, by both channels unless told otherwise."""
    values: dict[str, Any] = {
        "dedupe_key": f"test:{next(_numbers)}",
        "rule_code": "ticket.status.requester",
        "role": "requester",
        "language": "en",
        "time_zone": "Europe/London",
        "channels": frozenset(Channel),
        "text": STATUS_TEXT,
        "values": {
            "number": "12",
            "subject": "Printer is on fire",
            "status": "In progress",
            "old_status": "New",
        },
        "subject": Subject("record", 12),
        "account_id": account.id if account else None,
        "name": account.name if account else "",
        "link": "/go/record/12",
        "why": "You received this because you are the requester.",
    }
    return MessageOrder(**values | changes)


STATUS_TEXT = MessageText(
    subject="[#{number}] Status: {status}",
    lead="Ticket #{number} is now {status}",
    facts=(("Ticket", "{subject}"), ("Status", "{old_status} → {status}")),
    body="",
    action="Open the ticket",
    push_title="Status: {status}",
    push_body="{subject}",
)


def create(*orders: MessageOrder) -> list[Composed]:
    """Write the messages of the orders."""
    composed = compose.create_messages(orders)
    db.session.commit()
    return composed


def deliveries() -> Sequence[Delivery]:
    """Return all deliveries as they are now."""
    db.session.rollback()
    found = db.session.scalars(
        select(Delivery).order_by(Delivery.id).execution_options(populate_existing=True)
    ).all()
    for one in found:
        db.session.expunge(one)
    return found


def delivery() -> Delivery:
    """Return the only delivery as it is now."""
    (only,) = deliveries()
    return only


def attempts() -> Sequence[Attempt]:
    """Return all attempts in their order."""
    db.session.rollback()
    return db.session.scalars(select(Attempt).order_by(Attempt.delivery_id, Attempt.n)).all()


def parsed(raw: bytes) -> EmailMessage:
    """Read a mail as a mail program does."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def pass_dots(batch: Batch, *delivery_ids: int) -> set[int]:
    """Write that the dots of the deliveries come next, as their sender does; returns those that may."""
    digests = dict.fromkeys(delivery_ids, "0" * 64)
    connection = db.session.connection()
    return dots.write(connection.connection.cursor(), connection.dialect, batch, (), digests).permitted
