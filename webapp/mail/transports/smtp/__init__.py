"""SMTP submission (RFC 5321, 6409) over a session of our own, which always knows its phase."""

from webapp.mail.transports.smtp.settings import CHECK_TIMEOUTS, Encryption, SmtpSettings, SmtpTimeouts
from webapp.mail.transports.smtp.transaction import pass_by
from webapp.mail.transports.smtp.transport import SmtpTransport

__all__ = ["CHECK_TIMEOUTS", "Encryption", "SmtpSettings", "SmtpTimeouts", "SmtpTransport", "pass_by"]
