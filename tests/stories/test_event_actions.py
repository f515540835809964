"""Every row of the catalogue: it happens, exactly these people are told; switched off, they are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.cast import BOTH, EMAIL, PUSH, Cast
from webapp.core.db import db
from webapp.desk.records import services
from webapp.rules.event_actions import switchboard

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


def _subscribe_grace(cast: Cast) -> None:
    services.subscribe(cast.ticket, cast["grace"], actor=cast["frank"])
    db.session.commit()


def _comment(*, is_internal: bool) -> Deed:
    def deed(cast: Cast) -> None:
        services.add_comment(cast.ticket, cast.words, author=cast["frank"], is_internal=is_internal)
        db.session.commit()

    return deed


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
    "ticket.observer.added": (_subscribe_grace, {"grace": "observer"}),
    "comment.public.requester": (_comment(is_internal=False), {"alice": "requester"}),
    "comment.public.assignee": (_comment(is_internal=False), {"bob": "assignee"}),
    "comment.public.observers": (_comment(is_internal=False), {"erin": "observer"}),
    "comment.private.team": (_comment(is_internal=True), {"bob": "assignee", "dave": "team"}),
}


def test_every_row_has_its_story() -> None:
    assert set(STORIES) == {row.code for row in switchboard.switchable_rows()}


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
