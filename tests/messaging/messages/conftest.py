"""A mail connection, and an instance of which this machine remembers nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.support import mail
from webapp.core import high_water
from webapp.messaging.mail_connections.models import MailConnection


@pytest.fixture
def connection(app: Flask) -> MailConnection:
    return mail.make_connection()


@pytest.fixture
def folder(app: Flask) -> Path:
    """The instance folder, in which this machine remembers nothing yet."""
    folder = app.config["VESTNIK"].instance
    (folder / high_water.FILE).unlink(missing_ok=True)
    return folder
