"""Who hears of files: by themselves, with a comment, internal ones; and what they read."""

from __future__ import annotations

import io

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from tests.desk.making import add_file
from tests.stories.cast import BOTH, Cast
from webapp.core.db import db
from webapp.desk.records import record_files, services, uploads
from webapp.desk.records.models import RecordFile
from webapp.desk.records.uploads import Room, Upload
from webapp.messaging.messages import bodies
from webapp.messaging.messages.models import Message


def kept(*names: str) -> list[Upload]:
    db.session.commit()
    sent = [FileStorage(io.BytesIO(name.encode()), name) for name in names]
    return uploads.receive(sent, Room(10, 10**6)).accepted


def rows(cast: Cast) -> set[str]:
    return {one.rule_code for one in cast.messages()}


def words_to(cast: Cast, name: str) -> str:
    (message,) = (one for one in cast.messages() if one.account_id == cast[name].id)
    return words_of(message)


def words_of(message: Message) -> str:
    assert message.body is not None
    return bodies.unpack(message.body.packed_parts).text


def test_internal_file_reaches_staff_only(cast: Cast) -> None:
    add_file(cast.ticket, cast["frank"], "salaries.txt", is_internal=True)
    assert cast.told_by("file.added.assignee") == {"bob": ("assignee", BOTH)}
    told = {one.account_id for one in cast.messages()}
    assert told == {cast["bob"].id}


def test_internal_file_tells_no_assignee_who_is_no_staff_any_more(cast: Cast) -> None:
    cast["bob"].role = "user"
    db.session.commit()
    add_file(cast.ticket, cast["frank"], "salaries.txt", is_internal=True)
    assert cast.messages() == []


def test_team_hears_of_a_file_where_there_is_no_assignee(cast: Cast) -> None:
    services.assign(cast.ticket, assignee=None, team=cast.first_line, actor=cast["frank"])
    db.session.commit()
    cast.forget()
    add_file(cast.ticket, cast["alice"])
    assert cast.told_by("file.added.assignee") == {"bob": ("team", BOTH), "dave": ("team", BOTH)}


def test_requester_hears_of_no_file_that_another_reader_adds(cast: Cast) -> None:
    add_file(cast.ticket, cast["erin"])
    assert cast.told_by("file.added.requester") == {}
    assert cast.told_by("file.added.assignee") == {"bob": ("assignee", BOTH)}


def test_several_files_are_told_of_at_once(cast: Cast) -> None:
    names = [f"{number}.txt" for number in range(1, 6)]
    record_files.attach(cast.ticket, kept(*names), author=cast["frank"], is_internal=False)
    db.session.commit()
    cast["alice"].language = "en"
    db.session.commit()
    assert "1.txt, 2.txt, 3.txt and 2 more" in words_to(cast, "alice")


def test_files_of_a_comment_are_told_of_with_it(cast: Cast) -> None:
    given = {"author": cast["frank"], "is_internal": False, "uploads": kept("log.txt")}
    services.add_comment(cast.ticket, "See the log", **given)
    db.session.commit()
    assert rows(cast) == {"comment.public.requester", "comment.public.assignee", "comment.public.observers"}
    assert all("log.txt" in words_of(one) for one in cast.messages())


def test_files_of_an_internal_comment_reach_staff_only(cast: Cast) -> None:
    given = {"author": cast["frank"], "is_internal": True, "uploads": kept("salaries.txt")}
    services.add_comment(cast.ticket, "Not for Alice", **given)
    db.session.commit()
    assert rows(cast) == {"comment.private.team"}
    assert {one.account_id for one in cast.messages()} == {cast["bob"].id, cast["dave"].id}


def test_a_file_that_is_removed_tells_nobody(cast: Cast) -> None:
    add_file(cast.ticket, cast["frank"])
    cast.forget()
    file = db.session.scalars(select(RecordFile)).one()
    record_files.remove(file, record=cast.ticket, actor=cast["bob"])
    db.session.commit()
    assert cast.messages() == []
