"""Roles that lead beyond the record: the assignee of its ticket, managers, whoever a comment mentions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.cast import BOTH, Cast
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.messaging.messages import bodies
from webapp.people.accounts import services as accounts
from webapp.people.accounts.models import Role
from webapp.people.accounts.services import Place
from webapp.rules.audience import people_in
from webapp.rules.look import Look


@pytest.fixture
def cast(app, drain: Callable[[], None]) -> Cast:
    people = Cast(drain)
    people.gather()
    return people


def managers(cast: Cast, record: Record) -> list[str]:
    db.session.commit()
    unchanged = Event(
        kind="record.commented", subject_type="record", subject_id=record.id, changes={}, data={}
    )
    names = {account.id: name for name, account in cast.people.items()}
    return [names[each.account_id or 0] for each in people_in("manager", record, unchanged, Look())]


def answer_to(cast: Cast, below: str, above: str) -> None:
    accounts.change_account(cast[below], actor=cast["carol"], place=Place(cast[above]))
    db.session.commit()


def test_the_manager_of_the_assignee_is_meant(cast: Cast) -> None:
    assert managers(cast, cast.ticket) == []
    answer_to(cast, "bob", "grace")
    assert managers(cast, cast.ticket) == ["grace"]


def test_without_one_it_is_the_manager_of_the_teams_leader(cast: Cast) -> None:
    answer_to(cast, "bob", "grace")
    services.assign(cast.ticket, assignee=cast["dave"], team=cast.first_line, actor=cast["frank"])
    assert managers(cast, cast.ticket) == ["grace"]
    answer_to(cast, "dave", "carol")
    assert managers(cast, cast.ticket) == ["carol"]
    services.assign(cast.ticket, assignee=None, team=None, actor=cast["frank"])
    assert managers(cast, cast.ticket) == []


def test_a_manager_who_left_is_passed_over(cast: Cast) -> None:
    for below, above in (("bob", "frank"), ("frank", "grace"), ("grace", "carol")):
        answer_to(cast, below, above)
    for leaver, nearest in (("frank", "grace"), ("grace", "carol")):
        accounts.deactivate(cast[leaver], actor=cast["carol"])
        assert managers(cast, cast.ticket) == [nearest]


def comment(cast: Cast, record: Record, body: str, author: str, *, is_internal: bool = False) -> None:
    cast.forget()
    services.add_comment(record, body, author=cast[author], is_internal=is_internal)
    db.session.commit()


def test_a_mention_is_told_once_and_instead_of_the_comment(cast: Cast) -> None:
    body = "@bob@example.com @Bob @alice@example.com, and again @bob@example.com"
    comment(cast, cast.ticket, body, "frank")
    told = {(message.rule_code, message.account_id) for message in cast.messages()}
    assert cast.told_by("comment.mention") == {
        "bob": ("mentioned", BOTH),
        "alice": ("mentioned", BOTH),
    }
    assert len(told) == len(cast.messages())
    assert cast.told_by("comment.public.assignee") == {}
    assert cast.told_by("comment.public.requester") == {}
    assert set(cast.told_by("comment.public.observers")) == {"erin"}


def test_nobody_is_told_that_they_mentioned_themselves(cast: Cast) -> None:
    comment(cast, cast.ticket, "@frank@example.com was here", "frank")
    assert cast.told_by("comment.mention") == {}


def test_who_cannot_see_the_ticket_is_not_told(cast: Cast) -> None:
    cast.people["grace"].role = Role.USER.value
    comment(cast, cast.ticket, "@grace@example.com", "frank")
    assert cast.told_by("comment.mention") == {}


def test_an_internal_mention_tells_staff_only_also_those_who_were_staff_when_it_was_written(
    cast: Cast,
) -> None:
    cast.forget()
    body = "@alice@example.com @grace@example.com @carol@example.com"
    services.add_comment(cast.ticket, body, author=cast["frank"], is_internal=True)
    cast["grace"].role = Role.USER.value
    db.session.commit()
    assert cast.told_by("comment.mention") == {"carol": ("mentioned", BOTH)}


def test_a_mention_is_told_on_records_of_every_template(cast: Cast) -> None:
    task = cast.make_task()
    comment(cast, task, "@grace@example.com", "frank")
    assert cast.told_by("comment.mention") == {"grace": ("mentioned", BOTH)}


def test_one_person_of_a_task_hears_once_of_each_event(cast: Cast) -> None:
    task = cast.make_task(assignee="frank")
    cast.forget()
    services.assign(cast.ticket, assignee=cast["frank"], team=None, actor=cast["carol"])
    db.session.commit()
    for status in ("done", "in_progress", "cancelled"):
        cast.forget()
        services.change_status(task, status, actor=cast["carol"], comment="Look")
        db.session.commit()
        told = [message.rule_code for message in cast.messages() if message.account_id == cast["frank"].id]
        expected = {"done": "task.done.author", "cancelled": "task.cancelled.assignee"}
        assert told == [expected.get(status, "task.status.author")]


def test_a_mail_about_a_task_names_the_ticket_to_whom_may_see_it(cast: Cast) -> None:
    outsider = cast["erin"]
    outsider.language = "en"
    cast["dave"].language = "en"
    cast.first_line.members.append(outsider)
    cast.forget()
    task = cast.make_task(assignee=None)
    services.assign(cast.ticket, assignee=None, team=None, actor=cast["frank"])
    services.unsubscribe(cast.ticket, outsider, actor=outsider)
    db.session.commit()
    told = {one.account_id: one for one in cast.messages() if one.rule_code == "task.assigned.team"}
    assert task.parent_id == cast.ticket.id

    def text(name: str) -> str:
        body = told[cast[name].id].body
        assert body is not None
        return bodies.unpack(body.packed_parts).text

    assert f"#{cast.ticket.id} {cast.title}" in text("dave")
    assert f"#{cast.ticket.id}" in text("erin")
    assert cast.title not in text("erin")
