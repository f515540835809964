"""Becomes gunicorn, the web server, with the settings in deploy/gunicorn.py."""

from __future__ import annotations

import os
import sys

from webapp.core.config import PROJECT_ROOT
from webapp.launcher import environment


def serve() -> None:
    """Replace this process by gunicorn. Raises CannotStart when it may not listen where it was told to."""
    environment.listening_host(environment.read_config())
    arguments = [
        "-m",
        "gunicorn",
        "--config",
        str(PROJECT_ROOT / "deploy" / "gunicorn.py"),
        "webapp.app:create_app()",
    ]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own words, no shell
