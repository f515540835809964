"""A mail server and a connection to it, for tests that send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.messaging.mail_connections.models import MailConnection


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        yield running


@pytest.fixture
def connection(app: Flask, sink: SmtpSink) -> MailConnection:
    return mail.make_connection(sink.port)
