"""Marking notes as read."""

from __future__ import annotations

import pytest
from redis import Redis

from tests.messaging.push.notes import tell
from webapp.core.db import db
from webapp.messaging.push import bus, queries, services


@pytest.fixture
def published(app, redis_server):
    """A subscription that was there before anything happened."""
    with (
        Redis.from_url(redis_server.url) as client,
        client.pubsub(ignore_subscribe_messages=True) as subscription,
    ):
        subscription.subscribe(bus.NOTES_CHANNEL)
        subscription.get_message(timeout=1)

        def read() -> list[int]:
            words = []
            while message := subscription.get_message(timeout=0.3):
                words.append(int(message["data"]))
            return words

        yield read


def test_note_is_read_from_the_moment_it_is_marked(alice, clock):
    note = tell(alice)
    clock.move(minutes=5)
    assert services.mark_read(alice, note.id) is note
    db.session.commit()
    marked_at = note.read_at
    clock.move(minutes=5)
    services.mark_read(alice, note.id)
    db.session.commit()
    assert note.read_at == marked_at


def test_other_pages_hear_of_it_after_the_commit_only(alice, published):
    note = tell(alice)
    services.mark_read(alice, note.id)
    assert published() == []
    db.session.commit()
    assert published() == [alice.id]


def test_nobody_hears_of_what_was_rolled_back(alice, published):
    note = tell(alice)
    services.mark_read(alice, note.id)
    db.session.rollback()
    db.session.commit()
    assert published() == []


def test_nothing_is_said_when_nothing_was_unread(alice, published):
    tell(alice, is_read=True)
    assert services.mark_all_read(alice) == 0
    db.session.commit()
    assert published() == []


def test_mark_all_leaves_the_notes_of_others(alice, bob):
    for _ in range(3):
        tell(alice)
    tell(bob)
    assert services.mark_all_read(alice) == 3
    db.session.commit()
    assert queries.count_unread(alice.id) == 0
    assert queries.count_unread(bob.id) == 1


def test_mallory_cannot_mark_the_note_of_another(alice, mallory):
    note = tell(alice)
    assert services.mark_read(mallory, note.id) is None
    db.session.commit()
    assert queries.count_unread(alice.id) == 1


def test_many_people_are_told_in_one_go_and_once_each(app, published):
    bus.publish_notes([*range(1, 1202), 7, 7])
    assert sorted(published()) == list(range(1, 1202))
