"""A process of its own that drains one connection: killed, stopped and started by tests."""

from __future__ import annotations

import sys
from pathlib import Path

from jobs.deliver_mail import deliver_mail
from tests.conftest import make_config
from webapp.app import create_app
from webapp.core.db import wait_like_a_worker


def main() -> None:
    """Drain once: database address, Redis address, instance folder, connection."""
    database_url, redis_url, folder, connection_id = sys.argv[1:]
    app = create_app(make_config(Path(folder), database_url, redis_url))
    with app.app_context():
        wait_like_a_worker()
        deliver_mail(int(connection_id))


if __name__ == "__main__":
    main()
