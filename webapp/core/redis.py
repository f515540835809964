"""The one Redis client of a process: short patience, because Redis is only a doorbell."""

from __future__ import annotations

import logging
import threading
import time

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

PATIENCE_S = 0.3
PAUSE_AFTER_FAILURE_S = 2.0

__all__ = ["RedisError", "client", "init_app", "is_resting", "long_client", "mark_failed"]


class _Bell:
    """The client with the moment until which a failed Redis is left alone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = Redis.from_url(
            url,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=30,
        )
        self.rests_until = 0.0
        self.lock = threading.Lock()


def init_app(app: Flask) -> None:
    """Make the client; connects to nothing yet, so that pages come up without Redis."""
    url = app.config["VESTNIK"].redis_url
    if is_open_to_others(url):
        log.warning("REDIS_URL leads to another machine and has no password: who reaches it can ring")
    app.extensions["vestnik_redis"] = _Bell(url)


def is_open_to_others(url: str) -> bool:
    """Whether the server is reached over the network and asks for no password."""
    parts = parse_url(url)  # type: ignore[no-untyped-call] # redis-py's
    host = parts.get("host", "localhost")
    return "path" not in parts and not parts.get("password") and host not in {"localhost", "127.0.0.1", "::1"}


def client() -> Redis:
    """Return the client for short commands: it waits at most 0.3 s."""
    return _bell().client


def long_client() -> Redis:
    """Return a new client that may block: for workers and subscriptions. The caller closes it."""
    return Redis.from_url(_bell().url, socket_connect_timeout=PATIENCE_S)


def is_resting() -> bool:
    """Whether Redis failed a moment ago: then callers do not even try, so that no page waits twice."""
    return time.monotonic() < _bell().rests_until


def mark_failed() -> None:
    """Leave Redis alone for two seconds."""
    bell = _bell()
    with bell.lock:
        bell.rests_until = time.monotonic() + PAUSE_AFTER_FAILURE_S


def _bell() -> _Bell:
    bell: _Bell = current_app.extensions["vestnik_redis"]
    return bell


def limiter_url(url: str) -> str:
    """Return the address of Redis in the form that the rate limiter understands."""
    return url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url


def limiter_options() -> dict[str, object]:
    """Return how the rate limiter speaks to Redis: a hanging server must not keep anybody from signing in."""
    return {
        "socket_timeout": PATIENCE_S,
        "socket_connect_timeout": PATIENCE_S,
        "retry": Retry(NoBackoff(), 0),
    }
