"""The ear of a web process: one Redis subscription, renewed for ever, that feeds the hub."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError
from redis.retry import Retry

from webapp.messaging.push.bus import NOTES_CHANNEL
from webapp.people.accounts.services.sessions import SESSION_ENDED

log = logging.getLogger(__name__)

CHANNELS = (NOTES_CHANNEL, SESSION_ENDED)
LOOK_UP_S = 0.5
PING_AFTER_S = 5.0
DEAF_AFTER_S = 10.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


class Hearer(Protocol):
    """Who is told what the bus says."""

    is_hearing: bool

    def hear(self, channel: str, payload: str) -> None:
        """Take one word."""

    def set_hearing(self, *, is_hearing: bool) -> None:
        """Take note that the bus is heard, or is not."""

    def look_up(self) -> None:
        """See to other things; called twice a second, bus or no bus."""


def listen_for_ever(connect: Callable[[], Redis], hearer: Hearer) -> None:
    """Subscribe, hand on every word, and subscribe again whenever the connection is lost."""
    pause = FIRST_PAUSE_S
    while True:
        try:
            _listen(connect, hearer)
        except (RedisError, OSError) as error:
            if hearer.is_hearing or pause == FIRST_PAUSE_S:
                log.warning("push: the bus is not heard, streams poll: %s", type(error).__name__)
        except Exception:
            log.exception("push: listening to the bus failed")
        pause = FIRST_PAUSE_S if hearer.is_hearing else min(pause * 2, LONGEST_PAUSE_S)
        hearer.set_hearing(is_hearing=False)
        # Many web processes must not knock at a Redis that comes up all at the same moment.
        _rest(pause * random.uniform(0.7, 1.3), hearer)  # noqa: S311 - no secret depends on it


def _rest(seconds: float, hearer: Hearer) -> None:
    while seconds > 0:
        time.sleep(min(seconds, LOOK_UP_S))
        seconds -= LOOK_UP_S
        hearer.look_up()


def _listen(connect: Callable[[], Redis], hearer: Hearer) -> None:
    """Follow one subscription until it breaks. Raises RedisError, OSError."""
    client = connect()
    # The client's own retries would keep quiet about a lost connection for many seconds.
    client.set_retry(Retry(NoBackoff(), 0))
    with closing(client), closing(PubSub(client.connection_pool)) as subscription:
        subscription.subscribe(*CHANNELS)
        _follow(subscription, hearer)


def _follow(subscription: PubSub, hearer: Hearer) -> None:
    confirmed: set[str] = set()
    heard_at = pinged_at = time.monotonic()
    while True:
        message = subscription.get_message(timeout=LOOK_UP_S)
        hearer.look_up()
        moment = time.monotonic()
        if message is not None:
            heard_at = moment
            _take(message, confirmed, hearer)
        elif moment - heard_at > DEAF_AFTER_S:
            # A server that hangs, or a network that swallows everything, keeps the connection open.
            raise TimeoutError("Redis is silent")
        elif moment - max(heard_at, pinged_at) > PING_AFTER_S:
            pinged_at = moment
            subscription.ping()


def _take(message: dict[str, Any], confirmed: set[str], hearer: Hearer) -> None:
    channel = _text(message["channel"])
    if message["type"] == "subscribe":
        confirmed.add(channel)
        if confirmed.issuperset(CHANNELS):
            hearer.set_hearing(is_hearing=True)
    elif message["type"] == "message":
        hearer.hear(channel, _text(message["data"]))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
