"""Pages of outgoing mail: connections, their card, the block Sending, the check."""

from webapp.messaging.mail_connections.views import check, connections, sending
from webapp.messaging.mail_connections.views.blueprint import bp

__all__ = ["bp", "check", "connections", "sending"]
