"""Escalations when plans change: pauses, moved deadlines, answers in between, a night without the program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.desk.agreeing import deadline, make_agreement
from tests.stories.cast import BOTH, Cast
from tests.stories.test_escalations import moscow
from tests.stories.test_promises import _decisions
from tests.support.background import StoppedClock, run_job
from tests.support.pages import PageClient
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.agreements import services as agreements
from webapp.desk.agreements.services import Wanted
from webapp.desk.records import services
from webapp.events.kinds import EventKind
from webapp.events.models import Event
from webapp.job_names import JobName
from webapp.people.accounts.models import Account
from webapp.rules.escalations import rearming
from webapp.rules.escalations import services as escalations
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.moments import Unit
from webapp.timers.models import Timer

NEAR, OVER, LATE = (
    "ticket.deadline.before25.assignee",
    "ticket.deadline.at.assignee",
    "ticket.deadline.after25.manager",
)


@pytest.fixture
def cast(app: Flask, drain: Callable[[], None], clock: StoppedClock) -> Cast:
    """Monday, 9:00: Bob, who answers to Grace, has until 18:00; somebody reacted already."""
    clock.set(moscow(23, 9))
    make_agreement()
    people = Cast(drain)
    people.gather()
    people["bob"].manager_id = people["grace"].id
    people.move("frank", "in_progress")
    people.forget()
    return people


def timers() -> dict[str, datetime | None]:
    db.session.rollback()
    return {timer.kind: timer.fire_at for timer in db.session.scalars(select(Timer))}


def times(cast: Cast, code: str) -> int:
    return sum(one.rule_code == code for one in cast.messages())


def escalated(cast: Cast) -> int:
    cast.drain()
    kind = Event.kind == EventKind.RECORD_ESCALATED.value
    return db.session.scalar(select(func.count(Event.id)).where(kind, Event.id > cast.after_event)) or 0


def name_deadline(cast: Cast, at: datetime | None) -> None:
    shown = {"deadline": cast.ticket.template.attribute("deadline").typed.to_json(cast.ticket["deadline"])}
    services.change_attributes(cast.ticket, {"deadline": at}, actor=cast["frank"], shown=shown)
    db.session.commit()


def test_an_open_deadline_has_one_timer_and_a_met_one_none(cast: Cast) -> None:
    assert timers() == {"deadline:resolution": moscow(23, 16)}
    cast.move("frank", "resolved")
    assert timers() == {}
    cast.move("alice", "in_progress")
    assert timers() == {"deadline:resolution": moscow(23, 16)}


def test_a_pause_silences_the_deadline_and_the_clock_goes_on_after_it(
    cast: Cast, clock: StoppedClock
) -> None:
    clock.set(moscow(23, 15))
    cast.move("frank", "postponed")
    clock.set(moscow(24, 15))
    assert timers() == {}
    assert cast.told_by(NEAR) == {}
    cast.move("frank", "resumed")  # three hours are left: one more until a quarter is
    clock.set(moscow(24, 16), seconds=-1)
    assert cast.told_by(NEAR) == {}
    clock.set(moscow(24, 16))
    assert cast.told_by(NEAR) == {"bob": ("assignee", BOTH)}


def test_a_pause_of_no_working_time_tells_nobody_twice(cast: Cast, clock: StoppedClock) -> None:
    clock.set(moscow(23, 16))
    assert times(cast, NEAR) == 1
    clock.set(moscow(23, 17))
    name_deadline(cast, moscow(24, 18))
    cast.move("frank", "postponed")
    cast.move("frank", "resumed")
    name_deadline(cast, None)
    assert times(cast, NEAR) == 0, "the deadline is what it was"


def test_a_deadline_that_moves_away_is_reminded_of_at_its_new_time(cast: Cast, clock: StoppedClock) -> None:
    name_deadline(cast, moscow(24, 18))
    clock.set(moscow(23, 18))
    assert escalated(cast) == 0
    clock.set(moscow(24, 14))  # a quarter of two days before the end of the second
    assert cast.told_by(NEAR) == {"bob": ("assignee", BOTH)}


def test_moving_a_deadline_arms_it_anew_and_moving_it_back_tells_nobody_again(
    cast: Cast, clock: StoppedClock
) -> None:
    clock.set(moscow(23, 16))
    assert times(cast, NEAR) == 1
    name_deadline(cast, moscow(24, 11))
    clock.set(moscow(23, 17, 30))
    assert times(cast, NEAR) == 2, "another deadline, another warning"
    name_deadline(cast, moscow(23, 18))
    assert times(cast, NEAR) == 2
    assert escalated(cast) == 2


def test_what_was_done_before_the_event_is_handled_is_not_reminded_of(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    clock.set(moscow(23, 18))
    run_job(app, JobName.FIRE_TIMERS)
    services.change_status(cast.ticket, "resolved", actor=cast["frank"])
    db.session.commit()
    assert cast.told_by(OVER) == {}
    assert (OVER, "no_longer_due", "bob") in _decisions(cast)


@pytest.mark.parametrize("deed", ["pause", "move"])
def test_what_was_paused_or_moved_before_the_event_is_handled_is_not_reminded_of(
    app: Flask, cast: Cast, clock: StoppedClock, deed: str
) -> None:
    clock.set(moscow(23, 16))
    run_job(app, JobName.FIRE_TIMERS)
    if deed == "pause":
        services.change_status(cast.ticket, "postponed", actor=cast["frank"], comment="later")
        db.session.commit()
    else:
        name_deadline(cast, moscow(25, 18))
    assert cast.told_by(NEAR) == {}
    assert (NEAR, "no_longer_due", "bob") in _decisions(cast)


def test_after_three_days_asleep_each_rule_speaks_once_and_warnings_are_too_late(
    cast: Cast, clock: StoppedClock
) -> None:
    clock.set(moscow(26, 12))
    told = {(one.rule_code, one.role) for one in cast.messages()}
    assert told == {(OVER, "assignee"), (LATE, "manager")}
    assert len(cast.messages()) == len(told)
    assert (NEAR, "too_late", "bob") in _decisions(cast)
    assert timers() == {"deadline:resolution": None}, "it only remembers"


def test_a_warning_that_comes_late_comes_while_there_is_time_left(cast: Cast, clock: StoppedClock) -> None:
    clock.set(moscow(23, 17, 15))
    (one,) = [each for each in cast.messages() if each.rule_code == NEAR]
    assert "осталось 45 минут" in one.title


def test_a_clock_that_is_set_back_and_forth_repeats_nothing(cast: Cast, clock: StoppedClock) -> None:
    for hours in (0, -1, 0, 1, 0, -1, 1):
        clock.set(moscow(23, 16), hours=hours)
        cast.drain()
    assert times(cast, NEAR) == 1


def test_whoever_comments_meanwhile_sets_nothing_off_again(cast: Cast, clock: StoppedClock) -> None:
    clock.set(moscow(23, 18))
    assert times(cast, OVER) == 1
    services.add_comment(cast.ticket, "Soon", author=cast["bob"], is_internal=False)
    db.session.commit()
    assert times(cast, OVER) == 1
    assert escalated(cast) == 1


def test_a_reminder_to_answer_comes_three_times_and_ends_with_the_answer(
    cast: Cast, clock: StoppedClock
) -> None:
    waiting = "ticket.waiting.requester"
    cast.move("frank", "info_needed")
    cast.forget()
    for day, number in ((24, 0), (25, 1), (26, 1), (27, 2), (30, 2)):
        clock.set(moscow(day, 9))
        assert times(cast, waiting) == number, day
    clock.set(moscow(30, 9), days=1)
    assert times(cast, waiting) == 3
    clock.set(moscow(30, 9), days=20)
    assert times(cast, waiting) == 3, "at most three times"
    cast.move("alice", "resumed")
    cast.move("frank", "info_needed")
    clock.set(now() + timedelta(days=7))
    assert times(cast, waiting) == 1, "another question, and only the latest turn of it"


def test_a_question_that_was_answered_before_the_event_is_handled_is_not_asked_again(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    cast.move("frank", "info_needed")
    cast.forget()
    clock.set(moscow(25, 9))
    run_job(app, JobName.FIRE_TIMERS)
    for status in ("resumed", "info_needed"):
        services.change_status(cast.ticket, status, actor=cast["frank"], comment="Well")
        db.session.commit()
    assert cast.told_by("ticket.waiting.requester") == {}
    assert ("ticket.waiting.requester", "no_longer_due", "alice") in _decisions(cast)


def set_moment(cast: Cast, code: str, amount: int, unit: Unit = Unit.PERCENT, times: int = 1) -> None:
    row = catalogue.row(code)
    assert row is not None
    assert escalations.set_moment(row, amount, unit, times, actor=cast["carol"])
    db.session.commit()
    cast.drain()


def test_a_rule_that_is_set_to_fire_earlier_fires_at_once_and_the_others_do_not_again(
    cast: Cast, clock: StoppedClock
) -> None:
    clock.set(moscow(23, 16))
    assert times(cast, NEAR) == 1
    set_moment(cast, LATE, 1, Unit.HOURS)
    set_moment(cast, "ticket.deadline.before25.team", 50)
    assert times(cast, NEAR) == 1
    assert times(cast, "ticket.deadline.before25.team") == 1
    assert timers() == {"deadline:resolution": moscow(23, 18)}
    clock.set(moscow(24, 10))
    assert cast.told_by(LATE) == {"grace": ("manager", BOTH)}


def test_a_rule_that_is_set_to_ask_more_often_does_not_ask_of_what_is_long_past(
    cast: Cast, clock: StoppedClock
) -> None:
    waiting = "ticket.waiting.requester"
    cast.move("frank", "info_needed")
    clock.set(moscow(30, 9), days=1)
    cast.drain()
    clock.set(moscow(30, 9), days=20)
    cast.forget()
    set_moment(cast, waiting, 2, Unit.DAYS, times=4)
    assert times(cast, waiting) == 0


def test_a_rule_that_is_set_to_fire_later_waits(cast: Cast, clock: StoppedClock) -> None:
    for code in (NEAR, "ticket.deadline.before25.team", "ticket.deadline.before25.leader"):
        set_moment(cast, code, 10)
    clock.set(moscow(23, 17, 11))
    assert cast.told_by(NEAR) == {}
    clock.set(moscow(23, 17, 12))
    assert cast.told_by(NEAR) == {"bob": ("assignee", BOTH)}


def test_a_deadline_that_somebody_lets_lie_in_the_past_is_told_of_at_once(
    cast: Cast, clock: StoppedClock
) -> None:
    name_deadline(cast, moscow(30, 18))
    clock.set(moscow(27, 9))
    cast.forget()
    name_deadline(cast, None)  # back to what was promised: Monday
    assert deadline(cast.ticket).due_at == moscow(23, 18)
    assert times(cast, OVER) == 1


def test_a_first_agreement_does_not_let_old_tickets_cry(
    app: Flask, drain: Callable[[], None], clock: StoppedClock
) -> None:
    clock.set(moscow(23, 9))
    people = Cast(drain)
    people.gather()
    clock.set(moscow(27, 9))
    make_agreement()
    assert escalated(people) == 0
    assert deadline(people.ticket).due_at == moscow(23, 18)


def test_nobody_is_told_of_an_archived_record(cast: Cast, clock: StoppedClock) -> None:
    cast.ticket.is_archived = True
    db.session.commit()
    clock.set(moscow(23, 18))
    assert escalated(cast) == 0
    assert timers() == {}


def test_managers_in_a_circle_and_leaders_who_left_are_survived(cast: Cast, clock: StoppedClock) -> None:
    for name, manager in (("bob", "grace"), ("grace", "bob")):
        cast[name].manager_id = cast[manager].id
        cast[name].is_active = False
    db.session.commit()
    clock.set(moscow(24, 11))
    assert cast.told_by(LATE) == {}
    assert cast.told_by(OVER) == {"dave": ("team", BOTH)}
    assert ("ticket.deadline.at.leader", "inactive", "bob") in _decisions(cast)


def test_a_ticket_of_nobody_tells_nobody_and_fails_nothing(cast: Cast, clock: StoppedClock) -> None:
    services.assign(cast.ticket, assignee=None, team=None, actor=cast["frank"])
    db.session.commit()
    cast.forget()
    clock.set(moscow(24, 11))
    assert cast.messages() == []
    assert escalated(cast) == 1


def test_somebody_without_a_usable_address_still_gets_the_push_note(cast: Cast, clock: StoppedClock) -> None:
    cast["bob"].email = "nowhere"
    db.session.commit()
    clock.set(moscow(23, 16))
    assert cast.told_by(NEAR) == {"bob": ("assignee", frozenset({"push"}))}


def test_an_agreement_with_other_terms_moves_the_timer(cast: Cast) -> None:
    agreement = agreements.queries.get_default_agreement()
    assert agreement is not None
    rules = [agreements.WantedRule(None, None, 3600, 4 * 3600)]
    wanted = Wanted(agreement.name, agreement.calendar, rules, is_default=True)
    agreements.change_agreement(agreement, wanted, actor=cast["carol"])
    db.session.commit()
    cast.drain()
    assert timers() == {"deadline:resolution": moscow(23, 12)}


def test_the_history_says_that_a_deadline_came_near_and_passed(
    cast: Cast, clock: StoppedClock, app: Flask, sign_in: Callable[[Account], PageClient]
) -> None:
    for hour in (16, 18):
        clock.set(moscow(23, hour))
        cast.drain()
    cast["carol"].language = "en"
    db.session.commit()
    page = sign_in(cast["carol"]).get(f"/records/{cast.ticket.id}/history").text
    assert "found that a deadline comes near" in page
    assert "found that a deadline is over" in page
    assert "23 November 2026, 18:00" in page


def test_explain_says_why_a_warning_was_not_sent(
    cast: Cast, clock: StoppedClock, sign_in: Callable[[Account], PageClient]
) -> None:
    clock.set(moscow(26, 12))
    cast.drain()
    cast["carol"].language = "en"
    db.session.commit()
    page = sign_in(cast["carol"]).get(f"/records/{cast.ticket.id}/notifications").text
    assert "It warns before a deadline, and the deadline was over already." in page
    assert "25% before the ticket deadline (to the assignee)" in page


def test_what_was_due_when_a_setting_changed_is_told_all_the_same(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    clock.set(moscow(23, 18), seconds=5)  # nobody has looked yet
    row = catalogue.row(LATE)
    assert row is not None
    escalations.set_moment(row, 50, Unit.PERCENT, actor=cast["carol"])
    db.session.commit()
    number = rearming.list_unfinished()[0].id
    db.session.commit()
    run_job(app, JobName.REARM_TIMERS, number)
    assert cast.told_by(OVER) == {"bob": ("assignee", BOTH)}
