"""One mail as a task or a job sends it: built by the standard library, over a session of its own."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

from peer import HOST, MAIL, PORT


def send(_number: int = 0) -> None:
    """Send one mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = MAIL["sender"], MAIL["recipient"], MAIL["subject"]
    message.set_content(MAIL["text"])
    message.add_alternative(MAIL["html"], subtype="html")
    # The name is given, or looking it up would take more time than the mail.
    with smtplib.SMTP(HOST, PORT, local_hostname="localhost") as session:
        session.send_message(message)
