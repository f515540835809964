"""Conditions of event actions: a row speaks only of records for which its formula is true."""

from __future__ import annotations

import pytest

from tests.desk.making import make_ticket
from tests.stories.cast import BOTH, Cast
from tests.stories.test_promises import _decisions
from webapp.core.db import db
from webapp.desk.records import services
from webapp.events.models import Event
from webapp.languages.formulas.errors import FormulaError
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.conditions import get_conditions
from webapp.rules.event_actions.models import EventActionCondition
from webapp.rules.explain.foresight import audience_of_comment

TO_ASSIGNEE = "comment.public.assignee"
STARTED = "ticket.in_progress.requester"


def remark(cast: Cast, words: str = "Have a look") -> None:
    services.add_comment(cast.ticket, words, author=cast["frank"], is_internal=False)
    db.session.commit()


def prioritise(cast: Cast, priority: str) -> None:
    shown = {"priority": cast.ticket["priority"]}
    services.change_attributes(cast.ticket, {"priority": priority}, actor=cast["frank"], shown=shown)
    db.session.commit()


@pytest.mark.parametrize(
    ("formula", "is_told"),
    [
        ('$status == "new"', True),
        ('$status != "new"', False),
        ('$assignee->fullName == "Bob" && $team->groupName == "First line"', True),
        ("COUNT($assignee<-ticket:assignee) > 1", False),
        ("EMPTY($customer)", True),
        ("$customer == null", True),
        ("$assignee == USER()", False),
    ],
)
def test_a_row_speaks_where_its_formula_is_true(cast: Cast, formula: str, is_told: bool) -> None:  # noqa: FBT001
    cast.narrow(TO_ASSIGNEE, formula)

    remark(cast)

    assert cast.told_by(TO_ASSIGNEE) == ({"bob": ("assignee", BOTH)} if is_told else {})


def test_the_receipt_says_that_the_condition_was_not_met(cast: Cast) -> None:
    cast.narrow(TO_ASSIGNEE, '$status == "closed"')

    remark(cast)

    assert (TO_ASSIGNEE, "condition", "bob") in _decisions(cast)


def test_a_row_that_falls_silent_leaves_the_word_to_the_next(cast: Cast) -> None:
    cast.narrow(STARTED, "false")

    cast.move("frank", "in_progress")

    assert "alice" in cast.told_by("comment.public.requester")


def test_the_record_is_judged_as_the_event_left_it(cast: Cast) -> None:
    cast.narrow(STARTED, '$status == "in_progress"')
    cast.forget()

    for status in ("in_progress", "postponed"):  # both are handled only after both have happened
        services.change_status(cast.ticket, status, actor=cast["frank"], comment=cast.words)
        db.session.commit()

    assert "alice" in cast.told_by(STARTED)


def test_what_later_events_changed_is_judged_as_it_was_before(cast: Cast) -> None:
    cast.narrow(STARTED, '$priority == "3" && EMPTY($service)')
    prioritise(cast, "3")
    cast.forget()

    services.change_status(cast.ticket, "in_progress", actor=cast["frank"])
    for priority in ("2", "1"):
        prioritise(cast, priority)

    assert "alice" in cast.told_by(STARTED)


def test_a_new_record_is_judged_without_what_it_got_later(cast: Cast) -> None:
    registered = "ticket.registered.requester"
    cast.narrow(registered, "EMPTY($assignee)")

    made = make_ticket(cast["frank"], title="No paper", requester=cast["alice"].id)
    services.assign(made, assignee=cast["bob"], team=None, actor=cast["frank"])
    db.session.commit()

    assert "alice" in cast.told_by(registered)


def test_a_condition_without_a_value_silences_the_row_and_says_so(cast: Cast) -> None:
    db.session.add(EventActionCondition(code=TO_ASSIGNEE, formula="$gone_attribute"))
    db.session.commit()

    remark(cast)

    assert cast.told_by(TO_ASSIGNEE) == {}
    assert (TO_ASSIGNEE, "condition_broken", "bob") in _decisions(cast)


def test_a_broken_condition_does_not_harm_the_other_rows(cast: Cast) -> None:
    db.session.add(EventActionCondition(code=TO_ASSIGNEE, formula="1 + ("))
    db.session.commit()

    remark(cast)

    assert "alice" in cast.told_by("comment.public.requester")


def test_the_sentence_under_the_comment_box_knows_the_condition(cast: Cast) -> None:
    cast.narrow(TO_ASSIGNEE, "false")

    named = audience_of_comment(cast.ticket, cast["frank"], is_internal=False).names

    assert "Bob" not in named
    assert "Alice" in named


def test_an_empty_text_takes_the_condition_away(cast: Cast) -> None:
    cast.narrow(TO_ASSIGNEE, "false")
    cast.narrow(TO_ASSIGNEE, "  ")

    remark(cast)

    assert "bob" in cast.told_by(TO_ASSIGNEE)


def test_a_change_is_announced_with_both_texts(cast: Cast) -> None:
    cast.narrow(TO_ASSIGNEE, "false")
    cast.narrow(TO_ASSIGNEE, "true")

    changes = [
        event.changes
        for event in db.session.query(Event).filter_by(kind="setting.changed").order_by(Event.id)
    ]

    assert changes[-1] == {f"{TO_ASSIGNEE} condition": {"before": "false", "after": "true"}}


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("$titel", "Is “title” meant?"),
        ("$title", "A condition must be true or false, and this is a text."),
        ("COUNT($assets)", "and this is a number"),
        ("", None),
    ],
)
def test_a_formula_that_cannot_be_a_condition_is_refused(cast: Cast, formula: str, words: str | None) -> None:
    if words is None:
        cast.narrow(TO_ASSIGNEE, formula)
    else:
        with pytest.raises(FormulaError, match=words.replace("?", r"\?").replace(".", r"\.")):
            cast.narrow(TO_ASSIGNEE, formula)

    row = catalogue.row(TO_ASSIGNEE)
    assert row is not None
    assert get_conditions().text_of(row) == ""
