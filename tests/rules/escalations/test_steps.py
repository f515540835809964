"""When rules fire: shares, hours and days around a deadline, whatever the calendar and the clock do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from webapp.desk.agreements import countdown
from webapp.desk.agreements.models import Deadline
from webapp.languages.working_time import WorkingTime
from webapp.rules.escalations.steps import moment_of, turns_of_status
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.moments import Moment, Moments, Side, Unit

pytestmark = pytest.mark.pure

H = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingTime(BERLIN, lambda day: ((9 * H, 13 * H), (14 * H, 18 * H)) if day.weekday() < 5 else ())
ALWAYS = countdown.ROUND_THE_CLOCK
NEVER = WorkingTime(UTC, lambda _day: ())


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN).astimezone(UTC)  # type: ignore[misc,arg-type]


def promised(start: datetime, hours: int, working_time: WorkingTime) -> Deadline:
    deadline = Deadline(name="resolution", starts_at=start, counted_from=start, is_named=False, left_s=0)
    deadline.agreement_id = 1
    countdown.start(deadline, hours * 3600, working_time)
    return deadline


def named(start: datetime, due_at: datetime) -> Deadline:
    return Deadline(name="deadline", starts_at=start, due_at=due_at, is_named=True, term_s=None)


def before(amount: int, unit: Unit = Unit.PERCENT) -> Moment:
    return Moment(deadline="resolution", side=Side.BEFORE, amount=amount, unit=unit)


def after(amount: int, unit: Unit = Unit.PERCENT) -> Moment:
    return Moment(deadline="resolution", side=Side.AFTER, amount=amount, unit=unit)


def test_at_is_the_deadline_itself() -> None:
    deadline = promised(berlin(2026, 11, 23, 9), 8, OFFICE)
    assert moment_of(deadline, Moment(deadline="resolution"), OFFICE) == deadline.due_at


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (before(25), berlin(2026, 11, 23, 16)),
        (before(50), berlin(2026, 11, 23, 14)),
        (after(25), berlin(2026, 11, 24, 11)),
        (after(500), berlin(2026, 11, 30, 18)),
        (before(3, Unit.HOURS), berlin(2026, 11, 23, 15)),
        (after(5, Unit.HOURS), berlin(2026, 11, 24, 15)),
        (before(1, Unit.DAYS), berlin(2026, 11, 20, 18)),
        (after(4, Unit.DAYS), berlin(2026, 11, 30, 9)),
    ],
)
def test_amounts_are_working_time(moment: Moment, found: datetime) -> None:
    deadline = promised(berlin(2026, 11, 23, 9), 8, OFFICE)  # Monday, until 18:00
    assert moment_of(deadline, moment, OFFICE) == found


def test_a_deadline_over_the_change_of_the_clock_is_warned_of_once_at_its_time() -> None:
    for start in (berlin(2026, 3, 28, 20), berlin(2026, 10, 24, 20)):
        deadline = promised(start, 12, ALWAYS)  # over the night in which an hour is skipped, or comes twice
        assert deadline.due_at == start + 12 * H
        assert moment_of(deadline, before(25), ALWAYS) == start + 9 * H


def test_a_day_later_is_the_same_time_on_the_wall() -> None:
    calendar = WorkingTime(BERLIN, lambda _day: ((timedelta(), 24 * H),))
    deadline = named(berlin(2026, 3, 20, 9), berlin(2026, 3, 28, 12))
    assert moment_of(deadline, after(1, Unit.DAYS), calendar) == berlin(2026, 3, 29, 12)
    assert moment_of(deadline, before(1, Unit.DAYS), calendar) == berlin(2026, 3, 27, 12)


@pytest.mark.parametrize(
    ("due_at", "found"),
    [
        (berlin(2026, 11, 20, 12), berlin(2026, 11, 23, 12)),  # Friday noon
        (berlin(2026, 11, 20, 18), berlin(2026, 11, 24, 9)),  # the end of Friday is the beginning of Monday
        (berlin(2026, 11, 21, 15), berlin(2026, 11, 24, 9)),  # Saturday
        (berlin(2026, 11, 23, 13, 30), berlin(2026, 11, 24, 14)),  # lunch
    ],
)
def test_a_working_day_after_a_deadline_that_somebody_named(due_at: datetime, found: datetime) -> None:
    deadline = named(berlin(2026, 11, 1, 9), due_at)
    assert moment_of(deadline, after(1, Unit.DAYS), OFFICE) == found


def test_a_deadline_on_a_day_off_is_counted_in_plain_time() -> None:
    deadline = named(berlin(2026, 11, 21, 8), berlin(2026, 11, 21, 20))
    assert moment_of(deadline, before(25), OFFICE) == berlin(2026, 11, 21, 17)


def test_a_deadline_before_its_beginning_warns_at_the_deadline() -> None:
    deadline = named(berlin(2026, 11, 21, 20), berlin(2026, 11, 21, 8))
    assert moment_of(deadline, before(25), ALWAYS) == deadline.due_at


def test_where_nobody_ever_works_no_such_moment_is_found() -> None:
    deadline = named(berlin(2026, 11, 21, 8), berlin(2026, 11, 21, 20))
    assert moment_of(deadline, after(1, Unit.DAYS), NEVER) is None
    assert moment_of(deadline, after(1, Unit.HOURS), NEVER) is None
    rules = catalogue.escalations("ticket")
    assert turns_of_status("info_needed", berlin(2026, 11, 21, 8), rules, Moments({}), NEVER) == []


def test_a_clock_that_stands_has_no_moments() -> None:
    deadline = promised(berlin(2026, 11, 23, 9), 8, OFFICE)
    countdown.pause(deadline, OFFICE, berlin(2026, 11, 23, 10))
    assert moment_of(deadline, before(25), OFFICE) is None


def test_a_status_is_reminded_of_again_and_again() -> None:
    rules = catalogue.escalations("ticket")
    turns = turns_of_status("info_needed", berlin(2026, 11, 19, 10), rules, Moments({}), OFFICE)
    days = [berlin(2026, 11, day, 10) for day in (23, 25, 27)]
    assert [(turn.number, turn.moment) for turn in turns] == [(1, days[0]), (2, days[1]), (3, days[2])]


@pytest.mark.parametrize("stored", [(0, "percent", 1), (100, "percent", 1), (5, "weeks", 1), (5, "hours", 2)])
def test_what_was_stored_and_does_not_fit_any_more_counts_as_never_set(stored: tuple[int, str, int]) -> None:
    assert Moments({"x": stored}).of("x", before(25)) == before(25)
