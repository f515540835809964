"""Every escalation rule: its time comes, exactly these people are told; switched off, they are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.desk.agreeing import make_agreement
from tests.stories.cast import BOTH, EMAIL, PUSH, Cast
from tests.support.background import StoppedClock
from webapp.core.db import db
from webapp.desk.records import services
from webapp.rules.event_actions.pages import ESCALATIONS

Deed = Callable[[Cast], None]


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 by the clock of Moscow."""
    return datetime(2026, 11, day, hour - 3, minute, tzinfo=UTC)


MONDAY = moscow(23, 9)


@pytest.fixture
def cast(app: Flask, drain: Callable[[], None], clock: StoppedClock) -> Cast:
    """Monday, 9:00: the ticket is registered, to be reacted to by 11:00 and resolved by 18:00."""
    clock.set(MONDAY)
    make_agreement()
    people = Cast(drain)
    people.gather()
    return people


def _nothing(_cast: Cast) -> None:
    """The ticket is left alone."""


def _hand_over(cast: Cast) -> None:
    """Grace leads the second line, and Bob who works on it is not of it."""
    services.assign(cast.ticket, assignee=cast["bob"], team=cast.second_line, actor=cast["frank"])
    db.session.commit()
    cast.forget()


def _take_away(cast: Cast) -> None:
    """Nobody is responsible but the first line."""
    services.assign(cast.ticket, assignee=None, team=cast.first_line, actor=cast["frank"])
    db.session.commit()
    cast.forget()


def _ask(cast: Cast) -> None:
    cast.move("frank", "info_needed")
    cast.forget()


def _answer_to(name: str, manager: str) -> Deed:
    def deed(cast: Cast) -> None:
        cast[name].manager_id = cast[manager].id
        db.session.commit()

    return deed


def _make_task(cast: Cast) -> None:
    """Frank's task for Dave is due on Wednesday at 9:00; Grace leads the team that answers for it."""
    task = cast.make_task()
    services.assign(task, assignee=cast["dave"], team=cast.second_line, actor=cast["frank"])
    db.session.commit()
    cast.forget()


def _request(cast: Cast) -> None:
    """Frank asks Dave and Grace for an approval until Thursday, 9:00; Dave, who answers to Carol, waits."""
    _answer_to("dave", "carol")(cast)
    approval = cast.request("dave", "grace")
    cast.vote(approval, "grace", is_approval=True)
    cast.forget()


#: For each rule: what happens before, when its time comes, and who is told in which role.
STORIES: dict[str, tuple[Deed, datetime, dict[str, str]]] = {
    "ticket.reaction.before25": (_nothing, moscow(23, 10, 30), {"bob": "assignee"}),
    "ticket.reaction.at": (_nothing, moscow(23, 11), {"bob": "team", "dave": "team"}),
    "ticket.deadline.before25.assignee": (_nothing, moscow(23, 16), {"bob": "assignee"}),
    "ticket.deadline.before25.team": (_nothing, moscow(23, 16), {"dave": "team"}),
    "ticket.deadline.before25.leader": (_hand_over, moscow(23, 16), {"grace": "leader"}),
    "ticket.deadline.at.assignee": (_nothing, moscow(23, 18), {"bob": "assignee"}),
    "ticket.deadline.at.leader": (_hand_over, moscow(23, 18), {"grace": "leader"}),
    "ticket.deadline.after25.manager": (_answer_to("bob", "grace"), moscow(24, 11), {"grace": "manager"}),
    "ticket.waiting.requester": (_ask, moscow(25, 9), {"alice": "requester"}),
    "task.deadline.before25.assignee": (_make_task, moscow(24, 14), {"dave": "assignee"}),
    "task.deadline.at.author": (_make_task, moscow(25, 9), {"frank": "author"}),
    "task.deadline.at.leader": (_make_task, moscow(25, 9), {"grace": "leader", "dave": "assignee"}),
    "approval.deadline.before25.approvers": (_request, moscow(25, 11), {"dave": "approver"}),
    "approval.deadline.at": (_request, moscow(26, 9), {"dave": "approver", "frank": "initiator"}),
    "approval.deadline.after.manager": (_request, moscow(27, 9), {"carol": "approver_manager"}),
}


def test_every_rule_has_its_story() -> None:
    assert set(STORIES) == {row.code for row in ESCALATIONS.rows}


@pytest.mark.parametrize("code", STORIES)
def test_its_time_comes_and_exactly_these_people_are_told(cast: Cast, clock: StoppedClock, code: str) -> None:
    deed, moment, roles = STORIES[code]
    deed(cast)
    clock.set(moment, seconds=-1)
    assert cast.told_by(code) == {}, "a moment too early"
    clock.set(moment)
    assert cast.told_by(code) == {name: (role, BOTH) for name, role in roles.items()}


@pytest.mark.parametrize(("off", "left"), [("email", PUSH), ("push", EMAIL)])
@pytest.mark.parametrize("code", STORIES)
def test_a_switch_turned_off_stops_exactly_that_rule_and_channel(
    cast: Cast, clock: StoppedClock, code: str, off: str, left: frozenset[str]
) -> None:
    deed, moment, roles = STORIES[code]
    cast.switch(code, off, is_on=False)
    deed(cast)
    clock.set(moment)
    assert cast.told_by(code) == {name: (role, left) for name, role in roles.items()}


@pytest.mark.parametrize("code", STORIES)
def test_a_rule_switched_off_altogether_tells_nobody(cast: Cast, clock: StoppedClock, code: str) -> None:
    cast.switch(code, "email", is_on=False)
    cast.switch(code, "push", is_on=False)
    deed, moment, _roles = STORIES[code]
    deed(cast)
    clock.set(moment)
    assert cast.told_by(code) == {}
