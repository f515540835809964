"""Pages of messages: the page of one, the journal of all, and what mail says on other pages."""

from webapp.messaging.messages.views import elsewhere, group, journal, message, unreleased
from webapp.messaging.messages.views.message import bp

__all__ = ["bp", "elsewhere", "group", "journal", "message", "unreleased"]
