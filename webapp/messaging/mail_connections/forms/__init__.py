"""Forms of mail connections: the server, the block Sending, the check, the pace."""

from webapp.messaging.mail_connections.forms.connection_forms import CheckForm, SendingForm, ServerForm
from webapp.messaging.mail_connections.forms.pace_form import PaceForm

__all__ = ["CheckForm", "PaceForm", "SendingForm", "ServerForm"]
