"""How gunicorn serves the pages: threads over SQLite, greenlets over PostgreSQL.

SQLite's driver stops a whole event loop while it waits for a lock, so the embedded database is served by
threads, and by one process, because live streams hold a thread each and one listener feeds them all.
"""
# ruff: noqa: INP001 - a settings file that gunicorn reads, not a module of ours

import os
import signal
from types import FrameType
from typing import Any

from webapp.core import logs
from webapp.launcher import environment

_config = environment.read_config()

bind = f"{environment.listening_host(_config)}:{_config.port}"
proc_name = "vestnik-web"
# Two instances of one user would share the control socket's path.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 - a heartbeat file, not data
accesslog = None
loglevel = "warning"
graceful_timeout = int(os.environ.get("WEB_GRACEFUL_SECONDS", "10"))
timeout = 60
keepalive = 5
limit_request_line = 8190

if _config.is_sqlite:
    worker_class = "gthread"
    workers = 1
    threads = int(os.environ.get("WEB_THREADS", "200"))
    # Each holds a thread; the rest are for pages.
    live_streams = threads * 3 // 4
else:
    worker_class = "gevent"
    workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
    worker_connections = int(os.environ.get("WEB_CONNECTIONS", "5000"))
    live_streams = worker_connections * 3 // 4


def post_fork(_server: object, _worker: object) -> None:
    """Log as the rest of the program does."""
    logs.set_up()


def post_worker_init(worker: Any) -> None:  # noqa: ANN401 - one of several worker classes
    """Limit live streams, and let them end when the worker is asked to, so that none holds it to the last."""
    hub = worker.wsgi.extensions["push_hub"]
    hub.most = live_streams
    finish = signal.getsignal(signal.SIGTERM)

    def on_term(number: int, frame: FrameType | None) -> None:
        hub.is_stopping = True
        if callable(finish):
            finish(number, frame)

    signal.signal(signal.SIGTERM, on_term)
