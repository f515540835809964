"""How many messages one address may still get: a loop must not fill a mailbox before somebody sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import JSON, ScalarSelect, Select, Text, bindparam, case, cast, func, select
from sqlalchemy.orm import aliased

from webapp.core import leases
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.row_changes import execute_unflushed
from webapp.messaging.messages.models import Delivery

WINDOW: Final = timedelta(minutes=10)
CHUNK: Final = 500
#: So many who write at once, each of whom does not see yet what the others do, stay below the limit together.
MOST_AT_ONCE: Final = 8
_LEASE: Final = "mail:crowded"
_STEPS: Final = (300, 3000, 30_000, 300_000)


def room_for(wanted: Mapping[str, int], most: int) -> dict[str, int]:
    """Return how many more messages each address may get, of which so many are wanted.

    Near the limit, who writes waits for the others to commit, so that all of them together keep to it.
    """
    room = _room(list(wanted), most)
    near = [address for address, number in wanted.items() if room[address] < number * MOST_AT_ONCE]
    if near:
        leases.wait_for(_LEASE)
        room |= _room(near, most)
    return room


def _room(addresses: Sequence[str], most: int) -> dict[str, int]:
    statement, since = _recent(db.engine.dialect.name), now() - WINDOW
    room: dict[str, int] = {}
    for start in range(0, len(addresses), CHUNK):
        chunk = json.dumps(addresses[start : start + CHUNK])
        for row in execute_unflushed(statement, {"since": since, "addresses": chunk}):
            room[row.address] = max(0, most - row.number)
    return room


@lru_cache(maxsize=2)
def _recent(database: str) -> Select[Any]:
    """Count what was written since, for each address of a list in JSON.

    Each by a look of its own into the index by address and number. Asked for all of them together,
    PostgreSQL might read the whole table, of which it knows little while it grows so fast.
    """
    unfold = func.json_array_elements_text if database == "postgresql" else func.json_each
    kind = JSON if database == "postgresql" else Text
    wanted = unfold(cast(bindparam("addresses", type_=Text), kind)).table_valued("value")
    mine = (Delivery.address == wanted.c.value, Delivery.id > _first_id(), Delivery.created_at > _SINCE)
    counted = select(func.count()).select_from(Delivery).where(*mine).correlate(wanted).scalar_subquery()
    return select(wanted.c.value.label("address"), counted.label("number"))


_SINCE: Final = bindparam("since", type_=Delivery.created_at.type)


def _first_id() -> ScalarSelect[int]:
    """Return a number behind which all are that were written since; of others there may be some too."""
    known = aliased(Delivery)
    last = select(func.max(known.id)).correlate(None).scalar_subquery()

    def written_at(step: int) -> ScalarSelect[datetime]:
        back = select(known.created_at).where(known.id <= last - step).order_by(known.id.desc())
        return back.limit(1).correlate(None).scalar_subquery()

    steps = case(*((written_at(step) < _SINCE, last - step) for step in _STEPS), else_=0)
    return select(steps).correlate(None).scalar_subquery()
