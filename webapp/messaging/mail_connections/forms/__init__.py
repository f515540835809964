"""Forms of mail connections: the server, the block Sending, the check, the pace."""

from webapp.messaging.mail_connections.forms.connection_forms import CheckForm, ServerForm
from webapp.messaging.mail_connections.forms.pace_form import PaceForm
from webapp.messaging.mail_connections.forms.sending_form import RestoreForm, SendingForm, WholeSendingForm

__all__ = ["CheckForm", "PaceForm", "RestoreForm", "SendingForm", "ServerForm", "WholeSendingForm"]
