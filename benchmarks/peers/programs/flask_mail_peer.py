"""Flask-Mail: one process, one session, mails out of memory."""

from __future__ import annotations

from flask import Flask
from flask_mail import Mail, Message
from peer import COUNT, HOST, MAIL, PORT, tell_end, wait_for_start

app = Flask(__name__)
app.config.update(MAIL_SERVER=HOST, MAIL_PORT=PORT)
mail = Mail(app)

with app.app_context():
    wait_for_start()
    with mail.connect() as session:
        for _ in range(COUNT):
            words = {"body": MAIL["text"], "html": MAIL["html"], "sender": MAIL["sender"]}
            session.send(Message(MAIL["subject"], [MAIL["recipient"]], **words))
    tell_end()
