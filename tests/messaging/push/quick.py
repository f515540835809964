"""The program as the web server of these tests loads it: its streams look by themselves sooner."""

from __future__ import annotations

from typing import Final

from flask import Flask

from webapp.app import create_app
from webapp.messaging.push import hub

HEARTBEAT_S: Final = 6.0
POLL_S: Final = 2.0


def program() -> Flask:
    """Make it."""
    hub.HEARTBEAT_S, hub.POLL_S = HEARTBEAT_S, POLL_S
    return create_app()
