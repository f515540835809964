"""Every row of the catalogue: it happens, exactly these people are told; switched off, they are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.desk.making import add_file
from tests.stories.cast import BOTH, EMAIL, PUSH, Cast
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.approvals import services as approvals
from webapp.desk.records import services
from webapp.rules.event_actions.pages import EVENT_ACTIONS

Deed = Callable[[Cast], None]


def _register(cast: Cast) -> None:
    cast.register()


def _assign_to_dave(cast: Cast) -> None:
    services.assign(cast.ticket, assignee=cast["dave"], team=cast.first_line, actor=cast["frank"])
    db.session.commit()


def _hand_over(cast: Cast) -> None:
    services.assign(cast.ticket, assignee=cast["bob"], team=cast.second_line, actor=cast["frank"])
    db.session.commit()


def _moved(actor: str, *statuses: str) -> Deed:
    return lambda cast: cast.move(actor, *statuses)


def _reject(cast: Cast) -> None:
    cast.move("frank", "resolved")
    cast.move("alice", "in_progress")


def _close_without_asking(cast: Cast) -> None:
    """Who is asked to rate hears of the closing by that: otherwise two messages would say the same."""
    for channel in BOTH:
        cast.switch("ticket.satisfaction.requester", channel, is_on=False)
    cast.move("frank", "resolved", "closed")


def _edit(cast: Cast) -> None:
    title = {"title": cast.ticket["title"]}
    services.change_attributes(
        cast.ticket,
        {"title": f"{cast.title}!"},
        actor=cast["frank"],
        version=cast.ticket.version,
        shown=title,
    )
    db.session.commit()


def _raise_priority(cast: Cast) -> None:
    shown = {"priority": cast.ticket["priority"]}
    version = cast.ticket.version
    services.change_attributes(
        cast.ticket, {"priority": "1"}, actor=cast["frank"], version=version, shown=shown
    )
    db.session.commit()


def _set_deadline(cast: Cast) -> None:
    held = cast.ticket.template.attribute("deadline").typed.to_json(cast.ticket["deadline"])
    values = {"deadline": now() + timedelta(days=3)}
    services.change_attributes(cast.ticket, values, actor=cast["frank"], shown={"deadline": held})
    db.session.commit()


def _subscribe_grace(cast: Cast) -> None:
    services.subscribe(cast.ticket, cast["grace"], actor=cast["frank"])
    db.session.commit()


def _comment(*, is_internal: bool) -> Deed:
    def deed(cast: Cast) -> None:
        services.add_comment(cast.ticket, cast.words, author=cast["frank"], is_internal=is_internal)
        db.session.commit()

    return deed


def _mention(name: str) -> Deed:
    def deed(cast: Cast) -> None:
        words = f"@{cast[name].email} {cast.words}"
        services.add_comment(cast.ticket, words, author=cast["frank"], is_internal=False)
        db.session.commit()

    return deed


def _add_file(actor: str, *, is_internal: bool) -> Deed:
    def deed(cast: Cast) -> None:
        add_file(cast.ticket, cast[actor], "screenshot.png", is_internal=is_internal)

    return deed


def _make_task(assignee: str | None) -> Deed:
    def deed(cast: Cast) -> None:
        cast.make_task(assignee=assignee)

    return deed


def _task_moved(actor: str, *statuses: str) -> Deed:
    def deed(cast: Cast) -> None:
        task = cast.make_task()
        for status in statuses:
            cast.forget()
            services.change_status(task, status, actor=cast[actor], comment=cast.words)
            db.session.commit()

    return deed


def _task_commented(actor: str, *, is_internal: bool) -> Deed:
    def deed(cast: Cast) -> None:
        task = cast.make_task()
        cast.forget()
        services.add_comment(task, cast.words, author=cast[actor], is_internal=is_internal)
        db.session.commit()

    return deed


def _request_approval(cast: Cast) -> None:
    cast.request("dave", "grace")


def _vote(name: str, *before: str, is_approval: bool = True) -> Deed:
    """Somebody votes, after others whose votes are over before the story begins."""

    def deed(cast: Cast) -> None:
        approval = cast.request("dave", "grace")
        for other in before:
            cast.vote(approval, other, is_approval=True)
        cast.forget()
        cast.vote(approval, name, is_approval=is_approval)

    return deed


def _recall(cast: Cast) -> None:
    approval = cast.request("dave", "grace")
    cast.vote(approval, "dave", is_approval=True)
    cast.forget()
    approvals.recall(approval, actor=cast["frank"], comment=cast.words)
    db.session.commit()


#: Frank asked; Bob answers for the ticket that the approval is about, which Alice asked for.
DECIDED = {"frank": "initiator", "bob": "ticket_assignee", "alice": "ticket_requester"}

#: For each row: what happens, and who is told in which role.
STORIES: dict[str, tuple[Deed, dict[str, str]]] = {
    "ticket.registered.requester": (_register, {"alice": "requester"}),
    "ticket.registered.team": (_register, {"dave": "team"}),
    "ticket.registered.author": (_register, {"frank": "author"}),
    "ticket.assigned.assignee": (_assign_to_dave, {"dave": "assignee"}),
    "ticket.assigned.requester": (_assign_to_dave, {"alice": "requester"}),
    "ticket.team.team": (_hand_over, {"grace": "team"}),
    "ticket.team.requester": (_hand_over, {"alice": "requester"}),
    "ticket.unassigned.prev": (_assign_to_dave, {"bob": "prev_assignee"}),
    "ticket.status.requester": (_moved("frank", "cancelled"), {"alice": "requester"}),
    "ticket.status.observers": (_moved("frank", "in_progress"), {"erin": "observer"}),
    "ticket.in_progress.requester": (_moved("frank", "in_progress"), {"alice": "requester"}),
    "ticket.info_needed.requester": (_moved("frank", "info_needed"), {"alice": "requester"}),
    "ticket.postponed.requester": (_moved("frank", "postponed"), {"alice": "requester", "erin": "observer"}),
    "ticket.resumed.assignee": (_moved("frank", "postponed", "resumed"), {"bob": "assignee"}),
    "ticket.resolved.requester": (_moved("frank", "resolved"), {"alice": "requester"}),
    "ticket.rejected.assignee": (_reject, {"bob": "assignee"}),
    "ticket.closed.requester": (
        _close_without_asking,
        {"alice": "requester", "erin": "observer"},
    ),
    "ticket.satisfaction.requester": (_moved("frank", "resolved", "closed"), {"alice": "requester"}),
    "ticket.edited.assignee": (_edit, {"bob": "assignee"}),
    "ticket.cancelled.assignee": (_moved("alice", "cancelled"), {"bob": "assignee"}),
    "ticket.priority.assignee": (_raise_priority, {"bob": "assignee"}),
    "ticket.deadline.requester": (_set_deadline, {"alice": "requester", "bob": "assignee"}),
    "ticket.observer.added": (_subscribe_grace, {"grace": "observer"}),
    "task.assigned.assignee": (_make_task("dave"), {"dave": "assignee"}),
    "task.assigned.team": (_make_task(None), {"bob": "team", "dave": "team"}),
    "task.status.author": (_task_moved("dave", "in_progress"), {"frank": "author"}),
    "task.status.observers": (_task_moved("dave", "in_progress"), {"erin": "observer"}),
    "task.done.author": (_task_moved("dave", "done"), {"frank": "author", "bob": "ticket_assignee"}),
    "task.cancelled.assignee": (_task_moved("frank", "cancelled"), {"dave": "assignee"}),
    "task.comment.people": (
        _task_commented("bob", is_internal=False),
        {"dave": "assignee", "frank": "author", "erin": "observer"},
    ),
    "task.comment.internal": (
        _task_commented("bob", is_internal=True),
        {"dave": "assignee", "frank": "author"},
    ),
    "comment.mention": (_mention("bob"), {"bob": "mentioned"}),
    "comment.public.requester": (_comment(is_internal=False), {"alice": "requester"}),
    "comment.public.assignee": (_comment(is_internal=False), {"bob": "assignee"}),
    "comment.public.observers": (_comment(is_internal=False), {"erin": "observer"}),
    "comment.private.team": (_comment(is_internal=True), {"bob": "assignee", "dave": "team"}),
    "approval.requested.approvers": (_request_approval, {"dave": "approver", "grace": "approver"}),
    "approval.vote.initiator": (_vote("dave"), {"frank": "initiator"}),
    "approval.approved": (_vote("grace", "dave"), DECIDED),
    "approval.rejected": (_vote("dave", is_approval=False), DECIDED),
    "approval.recalled.approvers": (_recall, {"grace": "approver"}),
    "file.added.assignee": (_add_file("alice", is_internal=False), {"bob": "assignee"}),
    "file.added.requester": (_add_file("frank", is_internal=False), {"alice": "requester"}),
}


def test_every_row_has_its_story() -> None:
    assert set(STORIES) == {row.code for row in EVENT_ACTIONS.rows}


@pytest.mark.parametrize("code", STORIES)
def test_it_happens_and_exactly_these_people_are_told(cast: Cast, code: str) -> None:
    deed, roles = STORIES[code]
    deed(cast)
    assert cast.told_by(code) == {name: (role, BOTH) for name, role in roles.items()}


@pytest.mark.parametrize(("off", "left"), [("email", PUSH), ("push", EMAIL)])
@pytest.mark.parametrize("code", STORIES)
def test_a_switch_turned_off_stops_exactly_that_row_and_channel(
    cast: Cast, code: str, off: str, left: frozenset[str]
) -> None:
    deed, roles = STORIES[code]
    cast.switch(code, off, is_on=False)
    deed(cast)
    assert cast.told_by(code) == {name: (role, left) for name, role in roles.items()}


@pytest.mark.parametrize("code", STORIES)
def test_a_row_switched_off_altogether_tells_nobody(cast: Cast, code: str) -> None:
    cast.switch(code, "email", is_on=False)
    cast.switch(code, "push", is_on=False)
    STORIES[code][0](cast)
    assert cast.told_by(code) == {}
