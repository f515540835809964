"""A process of its own that drains one connection in little memory."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from jobs.worker import performer
from tests.conftest import make_config
from webapp.app import create_app
from webapp.core.config import MEBIBYTE
from webapp.core.db import wait_like_a_worker
from webapp.job_names import JobName


def main() -> None:
    """Drain: database, Redis, instance folder, connection, how often, and MiB beyond those in use."""
    database_url, redis_url, folder, connection_id, times, room = sys.argv[1:]
    app = create_app(make_config(Path(folder), database_url, redis_url))
    with app.app_context():
        wait_like_a_worker()
    limit = memory_in_use() + int(room) * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    perform = performer(app)
    for _ in range(int(times)):
        perform(JobName.DELIVER_MAIL, int(connection_id))


def memory_in_use() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
