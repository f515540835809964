"""The mail connection of the demo: it points to the demo mailbox, and its certificate is really verified."""

from __future__ import annotations

from pathlib import Path

from webapp.core import secret_box
from webapp.demo import mailbox as mailboxes
from webapp.demo.mailbox import HOST, LOGIN, Mailbox
from webapp.messaging.mail_connections import queries, services
from webapp.messaging.mail_connections.models import Encryption, MailConnection
from webapp.messaging.mail_connections.services import SendingParameters, ServerSettings


def point_to_mailbox(instance: Path) -> None:
    """Make the connection, or tell it where the mailbox is now. The caller commits.

    A connection that a person pointed elsewhere is left alone.
    """
    mailbox = mailboxes.open_in(instance)
    connection = next((one for one in queries.list_connections() if _is_ours(one)), None)
    if connection is None:
        if not queries.list_connections():
            _create(mailbox)
    elif connection.port != mailbox.port or not _knows_password(connection, mailbox):
        services.change_server(connection, _settings(mailbox), version=connection.version, actor_id=None)


def _create(mailbox: Mailbox) -> None:
    connection = services.create_connection(_settings(mailbox), actor_id=None)
    parameters = SendingParameters("help@example.com", "desk@example.com", "Служба поддержки")
    services.change_sending(connection, parameters, version=connection.version, actor_id=None)


def _settings(mailbox: Mailbox) -> ServerSettings:
    return ServerSettings(
        host=HOST,
        port=mailbox.port,
        encryption=Encryption.STARTTLS,
        has_sign_in=True,
        login=LOGIN,
        password=mailbox.password,
    )


def _is_ours(connection: MailConnection) -> bool:
    return connection.host == HOST and connection.login == LOGIN


def _knows_password(connection: MailConnection, mailbox: Mailbox) -> bool:
    try:
        return secret_box.open_sealed(connection.sealed_password or "") == mailbox.password
    except secret_box.SecretLost:
        return False
