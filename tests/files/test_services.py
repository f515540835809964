"""Contents and their rows: each once, healed when lost, deleted only when nobody needs them."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs.prune_files import prune_files
from tests.desk.making import add_file, make_ticket
from tests.support.races import let_another_wait
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.records import record_files
from webapp.desk.records.models import RecordFile
from webapp.files import queries, services, store
from webapp.files.models import StoredFile
from webapp.files.services import Kept
from webapp.files.store import ContentMissing
from webapp.people.accounts.models import Account

CONTENT = b"The same for everybody"


def keep(content: bytes = CONTENT) -> Kept:
    db.session.commit()
    return services.keep(services.receive(io.BytesIO(content), 10**6))


def content_of(file_id: int) -> bytes:
    db.session.rollback()
    file = queries.get_file(file_id)
    assert file
    with queries.open_file(file) as opened:
        return opened.read()


def let_it_grow_old() -> None:
    for file in db.session.scalars(select(StoredFile)):
        file.used_at = now() - timedelta(days=2)
    db.session.commit()


def test_one_content_has_one_row_whoever_sends_it(place: str) -> None:
    first, second, other = keep(), keep(), keep(b"Another")
    assert first == second
    assert other.file_id != first.file_id
    assert content_of(first.file_id) == CONTENT
    assert db.session.scalar(select(func.count(StoredFile.id))) == 2


def test_two_send_the_same_at_once(app: Flask, place: str) -> None:
    kept: list[Kept] = []
    start = threading.Barrier(4)

    def send() -> None:
        with app.app_context():
            received = services.receive(io.BytesIO(CONTENT), 10**6)
            start.wait()
            kept.append(services.keep(received))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 4
    assert len({each.file_id for each in kept}) == 1
    assert content_of(kept[0].file_id) == CONTENT


def test_content_that_was_lost_comes_back_with_the_next_who_sends_it(place: str) -> None:
    kept = keep()
    row = queries.get_file(kept.file_id)
    assert row
    store.current().delete(row.sha256)
    with pytest.raises(ContentMissing):
        queries.open_file(row)
    assert keep() == kept
    assert content_of(kept.file_id) == CONTENT


def test_only_what_nobody_points_to_for_a_day_is_deleted(place: str, alice: Account) -> None:
    ticket = make_ticket(alice)
    used = add_file(ticket, alice, "used.txt", b"used").file_id
    removed = add_file(ticket, alice, "removed.txt", b"removed")
    unused, removed_id = keep(b"never used").file_id, removed.file_id
    let_it_grow_old()
    record_files.remove(removed, record=ticket, actor=alice)
    db.session.commit()
    fresh = keep(b"a moment ago").file_id
    prune_files()
    left = set(db.session.scalars(select(StoredFile.id)))
    assert left == {used, removed_id, fresh}
    assert unused not in left
    assert content_of(used or 0) == b"used"
    let_it_grow_old()
    prune_files()
    assert set(db.session.scalars(select(StoredFile.id))) == {used}


def test_who_sends_the_content_while_it_is_being_deleted_gets_it_whole(app: Flask, place: str) -> None:
    kept, again = keep(), []
    let_it_grow_old()

    def send() -> None:
        with app.app_context():
            again.append(services.keep(services.receive(io.BytesIO(CONTENT), 10**6)))

    assert services.delete_unused(kept.file_id, now() - timedelta(days=1))
    other = threading.Thread(target=send)
    other.start()
    let_another_wait()
    db.session.commit()
    other.join()
    assert content_of(again[0].file_id) == CONTENT


def test_who_sent_it_a_moment_before_keeps_it(place: str) -> None:
    kept = keep()
    let_it_grow_old()
    before = now() - timedelta(days=1)
    assert queries.list_unused(before, 10) == [kept.file_id]
    keep()
    assert not services.delete_unused(kept.file_id, before)
    db.session.commit()
    assert content_of(kept.file_id) == CONTENT


def test_who_points_to_it_while_it_is_looked_at_keeps_it(app: Flask, place: str, alice: Account) -> None:
    ticket, kept = make_ticket(alice), keep()
    let_it_grow_old()
    # A row of somebody who does not say that the file is used; only the key keeps it.
    db.session.add(RecordFile(record_id=ticket.id, file_id=kept.file_id, name="a", octets=kept.octets))
    db.session.flush()

    def prune() -> None:
        with app.app_context():
            prune_files()

    other = threading.Thread(target=prune)
    other.start()
    let_another_wait()
    db.session.commit()
    other.join()
    assert content_of(kept.file_id) == CONTENT


def test_a_store_that_does_not_answer_stops_pruning_and_nothing_else(
    app: Flask, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep()
    let_it_grow_old()
    usual = app.config["VESTNIK"]
    app.config["VESTNIK"] = type(usual)(**(vars(usual) | {"files_url": "nothing-known://place"}))
    prune_files()
    app.config["VESTNIK"] = usual
    assert content_of(kept.file_id) == CONTENT
