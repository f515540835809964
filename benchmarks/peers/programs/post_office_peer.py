"""django-post-office: queued rows in PostgreSQL, sent by its own four processes, a thousand at a time."""

from __future__ import annotations

import os
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from peer import COUNT, HOST, MAIL, PORT, tell_end, wait_for_start

PROCESSES = 4
BATCH = 1000


def _database() -> dict[str, object]:
    url = urlsplit(os.environ["PEER_DATABASE_URL"])
    socket = parse_qs(url.query).get("host", [""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.removeprefix("/"),
        "USER": url.username or "postgres",
        "PASSWORD": url.password or "",
        "HOST": socket or url.hostname or "",
        "PORT": str(url.port or ""),
    }


settings.configure(
    DATABASES={"default": _database()},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    EMAIL_BACKEND="post_office.EmailBackend",
    EMAIL_HOST=HOST,
    EMAIL_PORT=PORT,
    INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
    POST_OFFICE={
        "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
        "BATCH_SIZE": BATCH,
    },
    SECRET_KEY="of a measurement",  # noqa: S106 - nobody signs in
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)
django.setup()

from post_office import mail  # noqa: E402 - its models need the settings
from post_office.models import Email  # noqa: E402 - likewise


def main() -> None:
    """Queue the mails, then send until none is left."""
    call_command("migrate", verbosity=0)
    Email.objects.all().delete()
    _queue()
    wait_for_start()
    mail.send_queued_mail_until_done(os.environ["PEER_LOCK"], PROCESSES)
    tell_end()


def _queue() -> None:
    for start in range(0, COUNT, BATCH):
        mail.send_many(
            [
                {
                    "sender": MAIL["sender"],
                    "recipients": [MAIL["recipient"]],
                    "subject": MAIL["subject"],
                    "message": MAIL["text"],
                    "html_message": MAIL["html"],
                }
                for _ in range(min(BATCH, COUNT - start))
            ]
        )


main()
