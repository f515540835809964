"""Working time, against an oracle that looks at the clock on the wall minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.languages.working_time import Hours, TooFar, WorkingTime

pytestmark = pytest.mark.pure

H, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOSCOW, BERLIN, NEW_YORK = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE: Hours = ((9 * H, 13 * H), (14 * H, 18 * H))
ALL_DAY: Hours = ((0 * H, 24 * H),)
#: Zones with changes at midnight, by half an hour, of a whole day, against the order of dates.
ZONES = [
    "UTC", "Europe/Moscow", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Pacific/Apia", "Asia/Beirut", "Asia/Kathmandu", "America/Havana", "Africa/Casablanca",
]  # fmt: skip


def office(zone: ZoneInfo, hours: Hours = OFFICE) -> WorkingTime:
    """Monday to Friday."""
    return WorkingTime(zone, lambda day: hours if day.weekday() < 5 else ())


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)


def test_a_term_is_counted_around_lunch_night_and_weekend() -> None:
    counted = office(MOSCOW)
    friday = at(MOSCOW, 2026, 11, 20, 12, 30)
    assert counted.add(friday, 8 * H) == at(MOSCOW, 2026, 11, 23, 12, 30)
    assert counted.between(friday, at(MOSCOW, 2026, 11, 23, 12, 30)) == 8 * H
    assert counted.add(at(MOSCOW, 2026, 11, 21, 3, 0), H) == at(MOSCOW, 2026, 11, 23, 10, 0)


def test_a_term_that_ends_with_the_day_ends_that_evening() -> None:
    counted = office(MOSCOW)
    assert counted.add(at(MOSCOW, 2026, 11, 20, 14, 0), 4 * H) == at(MOSCOW, 2026, 11, 20, 18, 0)
    assert counted.add(at(MOSCOW, 2026, 11, 23, 18, 0), -4 * H) == at(MOSCOW, 2026, 11, 23, 14, 0)


def test_no_time_at_all_leaves_the_moment_where_it_is() -> None:
    night = at(MOSCOW, 2026, 11, 21, 3, 0)
    assert office(MOSCOW).add(night, timedelta()) == night
    assert office(MOSCOW).first_worked_from(night) == at(MOSCOW, 2026, 11, 23, 9, 0)


@pytest.mark.parametrize(
    ("day", "hours", "worked"),
    [
        (date(2026, 3, 29), ALL_DAY, 23 * H),
        (date(2026, 10, 25), ALL_DAY, 25 * H),
        (date(2026, 3, 29), ((1 * H, 4 * H),), 2 * H),
        (date(2026, 3, 29), ((2 * H, 3 * H),), 0 * H),  # the hour that the clock skips
        (date(2026, 10, 25), ((2 * H, 3 * H),), 2 * H),  # the hour that it shows twice
        (date(2026, 10, 25), ((2 * H + 30 * MINUTE, 3 * H),), 1 * H),  # its later half, twice
        (date(2024, 2, 29), OFFICE, 8 * H),
    ],
)
def test_a_day_is_as_long_as_its_clock_makes_it(day: date, hours: Hours, worked: timedelta) -> None:
    counted = WorkingTime(BERLIN, lambda _day: hours)
    midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    following = day + timedelta(days=1)
    next_midnight = datetime(following.year, following.month, following.day, tzinfo=BERLIN)
    assert counted.between(midnight, next_midnight) == worked
    assert sum((end - start for start, end in counted.stretches_of(day)), timedelta()) == worked


def test_a_term_runs_on_over_the_change_of_the_clock_as_time_passes() -> None:
    counted = WorkingTime(NEW_YORK, lambda _day: ALL_DAY)
    before = at(NEW_YORK, 2026, 3, 8, 1, 30)  # half an hour before the clock goes from 2 to 3
    assert counted.add(before, H) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    before = at(NEW_YORK, 2026, 11, 1, 0, 30)  # half an hour before the hour that comes twice
    assert counted.add(before, 2 * H) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_day_that_a_country_left_out_is_worked_by_nobody() -> None:
    apia = ZoneInfo("Pacific/Apia")
    counted = WorkingTime(apia, lambda _day: OFFICE)
    assert counted.stretches_of(date(2011, 12, 30)) == []
    assert counted.between(at(apia, 2011, 12, 29, 18, 0), at(apia, 2011, 12, 31, 9, 0)) == timedelta()


def test_what_is_never_worked_has_no_end_and_does_not_hang() -> None:
    never = WorkingTime(UTC, lambda _day: ())
    now = datetime(2026, 11, 21, tzinfo=UTC)
    for span in (H, -H):
        with pytest.raises(TooFar):
            never.add(now, span)
    assert not never.is_ever_worked(now)
    assert never.between(now, now + timedelta(days=900)) == timedelta()


@pytest.mark.parametrize("year", [1, 9999])
def test_the_edges_of_the_calendar_are_too_far(year: int) -> None:
    counted, edge = office(MOSCOW), datetime(year, 6, 1, tzinfo=UTC)
    for count in (
        lambda: counted.add(edge, H),
        lambda: counted.between(edge, edge),
        lambda: counted.add(edge, -H),
    ):
        with pytest.raises(TooFar):
            count()
    with pytest.raises(TooFar):
        counted.between(datetime(1900, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC))


def test_years_are_counted_quickly() -> None:
    import time

    counted, start = office(MOSCOW), datetime(2020, 1, 1, tzinfo=UTC)
    began = time.perf_counter()
    for days in range(0, 3_000, 10):
        counted.between(start, start + timedelta(days=days))
    assert time.perf_counter() - began < 2


minutes = st.integers(0, 24 * 60)


@st.composite
def weeks(draw: st.DrawFn) -> list[Hours]:
    """Seven days with up to three stretches each; one of them has work for certain."""
    found = [_stretches(draw(st.lists(minutes, max_size=6))) for _ in range(7)]
    found[draw(st.integers(0, 6))] = ((8 * H, 17 * H),)
    return found


def _stretches(marks: list[int]) -> Hours:
    ordered = sorted(set(marks))
    pairs = zip(ordered[::2], ordered[1::2], strict=False)
    return tuple((start * MINUTE, end * MINUTE) for start, end in pairs)


moments = st.builds(
    lambda minute: datetime(2010, 1, 1, tzinfo=UTC) + minute * MINUTE, st.integers(0, 60 * 24 * 366 * 18)
)
spans = st.integers(1, 60 * 24 * 20).map(lambda number: number * MINUTE)
calendars = st.builds(
    lambda zone, week: WorkingTime(ZoneInfo(zone), lambda day: week[day.weekday()]),
    st.sampled_from(ZONES),
    weeks(),
)


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a moment within two days of a change of its clock."""
    name = draw(st.sampled_from(ZONES[2:]))
    zone, year = ZoneInfo(name), draw(st.integers(2010, 2027))
    hours = [datetime(year, 1, 1, tzinfo=UTC) + number * 6 * H for number in range(366 * 4)]
    changed = [
        hour
        for hour, following in pairwise(hours)
        if hour.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset()
    ]
    middle = draw(st.sampled_from(changed)) if changed else hours[0]
    return name, middle + draw(st.integers(-2880, 2880)) * MINUTE


def slow_between(counted: WorkingTime, week: list[Hours], start: datetime, end: datetime) -> timedelta:
    """Look at the clock on the wall at the middle of each minute."""
    total, moment = timedelta(), start
    while moment < end:
        local = (moment + MINUTE / 2).astimezone(counted.zone)
        shown = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        if any(opens <= shown < closes for opens, closes in week[local.weekday()]):
            total += MINUTE
        moment += MINUTE
    return total


@given(near_changes(), weeks(), st.integers(0, 2880))
@settings(max_examples=60)
def test_the_oracle_counts_the_same_where_clocks_change(
    place: tuple[str, datetime], week: list[Hours], length: int
) -> None:
    name, start = place
    counted = WorkingTime(ZoneInfo(name), lambda day: week[day.weekday()])
    end = start + length * MINUTE
    assert counted.between(start, end) == slow_between(counted, week, start, end)


@given(calendars, moments, spans)
def test_adding_and_counting_are_each_others_inverse(
    counted: WorkingTime, moment: datetime, span: timedelta
) -> None:
    later, earlier = counted.add(moment, span), counted.add(moment, -span)
    assert counted.between(moment, later) == span
    assert counted.between(earlier, moment) == span
    assert counted.between(later, moment) == -span
    assert counted.between(moment, later - MINUTE / 60) < span, "the first such moment"
    assert counted.between(earlier + MINUTE / 60, moment) < span, "the last such moment"


@given(calendars, moments, spans, spans)
def test_more_time_ends_later_and_parts_add_up(
    counted: WorkingTime, moment: datetime, one: timedelta, other: timedelta
) -> None:
    assert counted.add(moment, one + other) == counted.add(counted.add(moment, one), other)
    assert counted.add(moment, one + other) > counted.add(moment, one) > moment
    middle, end = moment + one, moment + one + other
    whole = counted.between(moment, end)
    assert whole == counted.between(moment, middle) + counted.between(middle, end)
    assert timedelta() <= whole <= end - moment
