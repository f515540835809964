"""The bus: tells every web process whose bell has changed. It carries ids; losing a word loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from webapp.core import redis
from webapp.core.db import on_commit

log = logging.getLogger(__name__)

NOTES_CHANNEL = "push:account"
CHUNK = 500


def publish_on_commit(account_ids: Iterable[int]) -> None:
    """Say after the present transaction is committed that these people's notes have changed."""
    ids = tuple(sorted(set(account_ids)))
    on_commit((NOTES_CHANNEL, ids), lambda: publish_notes(ids))


def publish_notes(account_ids: Iterable[int]) -> None:
    """Say that these people's notes have changed; call it after the commit.

    A failure is logged and never raised: open streams look at the database by themselves.
    """
    ids = sorted(set(account_ids))
    if not ids or redis.is_resting():
        return
    try:
        for start in range(0, len(ids), CHUNK):
            _publish(ids[start : start + CHUNK])
    except (redis.RedisError, OSError) as error:
        redis.mark_failed()
        log.warning("push: Redis did not hear of %s changed bells: %s", len(ids), type(error).__name__)


def _publish(ids: list[int]) -> None:
    with redis.client().pipeline(transaction=False) as pipeline:
        for account_id in ids:
            pipeline.publish(NOTES_CHANNEL, account_id)
        pipeline.execute()
