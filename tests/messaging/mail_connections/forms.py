"""What a technologist types into the forms of a mail connection, and what is stored of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from webapp.core.db import db
from webapp.messaging.mail_connections.models import MailConnection

BASE: Final = "/settings/mail/outgoing"
FORM: Final = {
    "host": "mail.example.com",
    "protocol": "smtp",
    "port": "587",
    "encryption": "starttls",
    "has_sign_in": "y",
    "login": "desk",
    "password": "canary-password",
    "version": "0",
}
SENDING: Final = {
    "support_address": "help@example.com",
    "system_address": "desk@example.com",
    "sender_name": "Help desk",
}


def stored() -> MailConnection:
    """Return the only connection as it is in the database."""
    db.session.rollback()
    return db.session.scalars(select(MailConnection).execution_options(populate_existing=True)).one()
