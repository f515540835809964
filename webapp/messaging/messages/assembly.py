"""A stored message made into the bytes that leave: the same bytes each time, or none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from webapp.core.db import db
from webapp.core.secret_box import SecretLost
from webapp.mail import header_guard
from webapp.mail.address import Mailbox
from webapp.mail.header_guard import HeaderMismatch
from webapp.mail.header_text import HeaderRefused
from webapp.mail.outgoing import Mail, build
from webapp.mail.transports.base import Envelope
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages.bodies import Parts, unpack
from webapp.messaging.messages.models import Delivery, DeliveryState, Message, MessageBody


class CannotBuild(Exception):
    """No bytes can be made of the message; ``cause`` is a word for a screen, ``detail`` says more."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail


@dataclass(frozen=True)
class Loaded:
    """Everything that one delivery needs on its way, read before the wire is touched."""

    delivery_id: int
    address: str
    attempts: int
    ambiguous: int
    cause: str | None
    raw_sha256: str | None
    envelope: Envelope
    mail: Mail | None
    failure: CannotBuild | None


@dataclass(frozen=True)
class Assembled:
    """The bytes, guarded, with their hash."""

    raw: bytes
    sha256: str


def load(delivery_id: int, claim_id: int) -> Loaded | None:
    """Read a claimed delivery with its message; None when it is no longer in this claim's hands."""
    query = (
        select(Delivery, Message, MessageBody.packed_parts, MailConnection)
        .join(Message, Message.id == Delivery.message_id)
        .outerjoin(MessageBody, MessageBody.message_id == Message.id)
        .join(MailConnection, MailConnection.id == Delivery.connection_id)
        .where(Delivery.id == delivery_id, Delivery.claim_id == claim_id)
        .where(Delivery.state == DeliveryState.SENDING.value)
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    delivery, message, packed_parts, connection = row
    return _loaded(delivery, message, packed_parts, connection)


def assemble(loaded: Loaded) -> Assembled:
    """Build the bytes and read them back. Raises CannotBuild."""
    if loaded.mail is None:
        raise loaded.failure or CannotBuild("render_failed")
    try:
        raw = build(loaded.mail)
        header_guard.check(raw, loaded.mail)
    except (HeaderRefused, HeaderMismatch) as error:
        raise CannotBuild("guard_held", str(error)) from None
    return Assembled(raw, hashlib.sha256(raw).hexdigest())


def _loaded(
    delivery: Delivery, message: Message, packed_parts: bytes | None, connection: MailConnection
) -> Loaded:
    mail, failure = None, None
    try:
        mail = _mail(delivery, message, _parts(packed_parts), connection)
    except CannotBuild as error:
        failure = error
    return Loaded(
        delivery_id=delivery.id,
        address=delivery.address,
        attempts=delivery.attempts,
        ambiguous=delivery.ambiguous,
        cause=delivery.cause,
        raw_sha256=delivery.raw_sha256,
        envelope=Envelope(connection.system_address, (delivery.address,)),
        mail=mail,
        failure=failure,
    )


def _parts(packed: bytes | None) -> Parts:
    if packed is None:
        raise CannotBuild("body_missing")
    try:
        return unpack(packed)
    except SecretLost:
        raise CannotBuild("secret_lost") from None


def _mail(delivery: Delivery, message: Message, parts: Parts, connection: MailConnection) -> Mail:
    if message.message_id_header is None or message.date_header is None or message.boundary is None:
        raise CannotBuild("render_failed", "no Message-ID, Date or boundary")
    return Mail(
        message_id=message.message_id_header,
        date=message.date_header,
        sender=Mailbox(connection.sender_name, connection.system_address),
        reply_to=Mailbox("", connection.support_address),
        to=(Mailbox(delivery.name, delivery.address),),
        subject=message.title,
        text=parts.text,
        html=parts.html,
        boundary=message.boundary,
        headers=_headers(message),
    )


def _headers(message: Message) -> dict[str, str]:
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if message.subject_type and message.subject_id and message.message_id_header:
        domain = message.message_id_header.rpartition("@")[2]
        # The same for all messages about one thing, so that mail programs show them as one conversation.
        headers["References"] = f"<{message.subject_type}.{message.subject_id}@{domain}"
    return headers
