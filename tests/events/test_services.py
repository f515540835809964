"""The outbox: an event stands or falls with the transaction that caused it, and rings once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from webapp.core import redis
from webapp.core.db import db
from webapp.events import queries
from webapp.events.kinds import EventKind
from webapp.events.models import PARTS, Event
from webapp.events.services import DEEPEST, ChainTooLong, Subject, announce, part_of

ABOUT = Subject("record", 7)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Event)) or 0


def rings() -> int:
    return len(redis.client().keys("ring:DISPATCH_EVENTS:*"))


def test_an_event_rings_the_dispatcher_after_the_commit(app: Flask) -> None:
    announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None)
    assert rings() == 0
    db.session.commit()
    assert rings() == 1


def test_an_event_goes_with_the_transaction_that_caused_it(app: Flask) -> None:
    announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None)
    db.session.rollback()
    assert count() == 0
    assert rings() == 0


def test_many_events_of_a_subject_ring_once(app: Flask) -> None:
    for _ in range(3):
        announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None)
    db.session.commit()
    assert rings() == 1


def test_events_of_one_subject_are_in_one_part() -> None:
    assert 0 <= part_of(ABOUT) < PARTS
    assert part_of(ABOUT) == part_of(Subject("record", 7))
    assert {part_of(Subject("record", number)) for number in range(200)} == set(range(PARTS))


def test_a_chain_of_causes_ends_at_depth_eight(app: Flask) -> None:
    event = announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None)
    for depth in range(1, DEEPEST + 1):
        event = announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None, cause=event)
        assert event.depth == depth
    with pytest.raises(ChainTooLong):
        announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None, cause=event)


def test_an_event_with_a_key_happens_once(app: Flask) -> None:
    announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None, dedupe_key="deadline:7")
    with pytest.raises(IntegrityError):
        announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None, dedupe_key="deadline:7")


def test_what_is_not_handled_is_found_by_its_part_oldest_first(app: Flask) -> None:
    first = announce(EventKind.RECORD_CREATED, ABOUT, actor_id=None)
    second = announce(EventKind.RECORD_COMMENTED, ABOUT, actor_id=None)
    other = announce(EventKind.RECORD_COMMENTED, Subject("record", 8), actor_id=None)
    db.session.commit()
    assert part_of(ABOUT) != other.part
    assert list(queries.list_undone(part_of(ABOUT), 10)) == [first, second]
    assert set(queries.list_parts_with_undone()) == {part_of(ABOUT), other.part}
    first.is_done = second.is_done = True
    db.session.commit()
    assert not queries.has_undone(part_of(ABOUT))
