"""Working calendars: what they say, their pages, who uses them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.desk.agreeing import make_agreement, make_calendar
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.accounts.models import Account
from webapp.people.calendars import hours_text, public_holidays, queries, services
from webapp.people.calendars.definition import Definition, working_time
from webapp.people.calendars.forms import shown
from webapp.people.calendars.hours_text import BadHours
from webapp.people.calendars.models import WorkingCalendar

SignIn = Callable[[Account], PageClient]
OFFICE = hours_text.read("9-13, 14-18")
WEEK = (OFFICE,) * 5 + ((), ())


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("9-18", "09:00–18:00"),
        (" 14.00 – 18.00 ; 9:00—13:00 ", "09:00–13:00, 14:00–18:00"),
        ("0-24", "00:00–24:00"),
        ("9-13,13-18", "09:00–18:00"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, kept: str) -> None:
    assert hours_text.write(hours_text.read(typed)) == kept
    assert hours_text.read(kept) == hours_text.read(typed)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("from nine to five", hours_text.UNREADABLE),
        ("9-25", hours_text.UNREADABLE),
        ("9:75-10", hours_text.UNREADABLE),
        ("24:30-25", hours_text.UNREADABLE),
        ("٩-١٣", hours_text.UNREADABLE),
        ("22-6", hours_text.OVER_MIDNIGHT),
        ("9-9", hours_text.OVER_MIDNIGHT),
        ("9-13, 12-18", hours_text.OVERLAP),
        ("1-2,3-4,5-6,7-8,9-10,11-12,13-14", hours_text.TOO_MANY),
    ],
)
def test_other_hours_are_refused_with_a_reason(typed: str, reason: str) -> None:
    with pytest.raises(BadHours) as refused:
        hours_text.read(typed)
    assert refused.value.reason == reason


@pytest.mark.pure
def test_russian_days_off_and_moved_working_days_are_known() -> None:
    counted = working_time(Definition("Europe/Moscow", WEEK, "RU"))
    assert counted.stretches_of(date(2025, 11, 3)) == [], "a day off that was moved here"
    assert len(counted.stretches_of(date(2025, 11, 1))) == 2, "a Saturday on which people worked for it"
    assert counted.stretches_of(date(2025, 11, 4)) == []
    assert counted.stretches_of(date(2025, 11, 8)) == [], "a usual Saturday"


@pytest.mark.pure
def test_an_exception_counts_more_than_a_holiday() -> None:
    own = ((date(2026, 1, 2), hours_text.read("10-12")), (date(2026, 11, 23), ()))
    counted = working_time(Definition("Europe/Moscow", WEEK, "RU", exceptions=own))
    assert counted.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)) == timedelta(
        hours=2
    )
    assert counted.stretches_of(date(2026, 11, 23)) == []


@pytest.mark.pure
def test_parts_of_countries_are_found_by_code_and_name() -> None:
    assert public_holidays.find_part("DE", " bayern ") == "BY"
    assert public_holidays.find_part("GB", "sct") == "SCT"
    assert public_holidays.find_part("GB", "Bavaria") is None
    epiphany = date(2026, 1, 6)
    assert epiphany in public_holidays.of_year("DE", "BY", 2026).off
    assert epiphany not in public_holidays.of_year("DE", None, 2026).off
    assert public_holidays.of_year("XX", None, 2026).off == {}, "a country that the library forgot"
    assert public_holidays.of_year("RU", None, 2026, "ru").off[date(2026, 11, 4)] == "День народного единства"


def test_a_calendar_that_never_works_is_refused(app: Flask, carol: Account) -> None:
    with pytest.raises(services.NeverWorks):
        services.create_calendar(services.Wanted("Idle", "UTC", ((),) * 7), actor=carol)
    calendar = make_calendar()
    with pytest.raises(services.NeverWorks):
        services.change_calendar(calendar, services.Wanted("Idle", "UTC", ((),) * 7), actor=carol)
    db.session.rollback()
    nothing = hours_text.read("2:00-2:30")
    with pytest.raises(services.NeverWorks):  # hours that no clock of that zone ever shows: it moved ahead
        services.refuse_idle(Definition("UTC", ((),) * 7, exceptions=((date(2020, 1, 1), nothing),)))


def test_changes_are_announced_with_what_they_were(app: Flask, carol: Account) -> None:
    calendar = make_calendar(days=4)
    wanted = services.Wanted("Five days", "Europe/Moscow", WEEK, "RU")
    assert services.change_calendar(calendar, wanted, actor=carol)
    assert not services.change_calendar(calendar, wanted, actor=carol), "the same again says nothing"
    db.session.commit()
    told = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (told.kind, told.subject_type, told.actor_id) == ("setting.changed", "calendar", carol.id)
    assert told.changes == {
        "name": {"before": "Office", "after": "Five days"},
        "friday": {"before": "", "after": "09:00–13:00, 14:00–18:00"},
    }


def test_a_technologist_makes_a_calendar_from_what_is_offered(sign_in: SignIn, carol: Account) -> None:
    browser = sign_in(carol)
    page = browser.get("/settings/calendars")
    assert "/settings/calendars/new" in {link.get("href") for link in page.select("main a")}
    fields = {"name": "Office", "saturday": "10:00 - 14:00", "country": "DE", "part": "bayern"}
    browser.submit("/settings/calendars/new", "main form", fields)
    calendar = queries.list_calendars()[0]
    assert (calendar.country, calendar.subdivision) == ("DE", "BY")
    assert shown(calendar).week == (*WEEK[:5], ((600, 840),), ())
    page = browser.follow()
    assert "10:00–14:00" in page.text
    assert len(page.select("table.month")) == 6
    page = browser.get("/settings/calendars/new?preset=24x7")
    assert len(page.select("input[value='00:00–24:00']")) == 7


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"name": ""}, "Write the name"),
        ({"name": "Other"}, "has this name"),
        ({"monday": "22-6"}, "22-6"),
        ({"monday": "soon"}, "soon"),
        (dict.fromkeys(services.WEEKDAYS, ""), "nobody ever works"),
        ({"country": "DE", "part": "Sachalin"}, "Bayern"),
        ({"country": "", "part": "BY"}, "country first"),
        ({"country": "RU", "part": "BY"}, "same everywhere"),
        ({"time_zone": "Europe/Nowhere"}, ""),
        ({"country": "XX"}, ""),
    ],
)
def test_bad_input_says_what_is_wrong_and_is_not_lost(
    sign_in: SignIn, carol: Account, fields: dict[str, str], complaint: str
) -> None:
    calendar = make_calendar()
    make_calendar("Other")
    carol.language = "en"
    browser = sign_in(carol)
    page = browser.submit(f"/settings/calendars/{calendar.id}/edit", "main form", fields, status=422)
    errors = " ".join(each.text for each in page.select(".field-error"))
    assert errors
    assert complaint in errors
    name, typed = next(iter(fields.items()))
    control = page.select_one(f"input[name={name}]")
    assert control is None or control["value"] == typed
    db.session.expire_all()
    assert calendar.name == "Office"


def test_an_exception_comes_and_goes(sign_in: SignIn, carol: Account) -> None:
    calendar = make_calendar()
    browser, path = sign_in(carol), f"/settings/calendars/{calendar.id}"
    form = "form[action$='/exceptions']"
    browser.submit(path, form, {"day": "2026-12-30", "label": "Короткий день", "hours": "9-13"})
    page = browser.follow()
    assert "Короткий день" in page.select_one("#exceptions").text
    again = {"day": "2026-12-30", "label": "Again", "hours": ""}
    page = browser.submit(path, form, again, status=422)
    assert page.select_one("input[name=label]")["value"] == "Again"
    for bad in ({"day": ""}, {"day": "x"}, {"day": "0001-01-01"}, {"label": ""}, {"hours": "x"}):
        browser.submit(path, form, {"day": "2026-12-29", "label": "x", "hours": "", **bad}, status=422)
    db.session.expire_all()
    assert [each.hours for each in calendar.exceptions] == [[[540, 780]]]
    browser.submit(path, "form[action*='/exceptions/']", {})
    db.session.expire_all()
    assert calendar.exceptions == []
    browser.post(f"{path}/exceptions/77/remove", {})


def test_a_calendar_that_is_used_is_not_deleted(sign_in: SignIn, carol: Account) -> None:
    used, unused = make_calendar(), make_calendar("Spare")
    make_agreement(used)
    browser = sign_in(carol)
    page = browser.get(f"/settings/calendars/{used.id}")
    assert not page.select("form[action$='/delete']:not([action*=exceptions])")
    assert "Usual" in page.text
    browser.post(f"/settings/calendars/{used.id}/delete", {})
    browser.post(f"/settings/calendars/{unused.id}/delete", {})
    db.session.expire_all()
    assert [each.name for each in queries.list_calendars()] == ["Office"]
    browser.get("/settings/calendars/77", status=404)


@pytest.mark.parametrize("path", ["", "/new", "/1", "/1/edit"])
def test_mallory_and_support_staff_do_not_see_calendars(
    sign_in: SignIn, mallory: Account, bob: Account, path: str
) -> None:
    make_calendar()
    for account in (mallory, bob):
        sign_in(account).get(f"/settings/calendars{path}", status=403)


@pytest.mark.parametrize("path", ["/new", "/1/edit", "/1/delete", "/1/exceptions", "/1/exceptions/1/remove"])
def test_mallory_changes_no_calendar(sign_in: SignIn, mallory: Account, path: str) -> None:
    make_calendar()
    sign_in(mallory).post(f"/settings/calendars{path}", {"name": "Mine"}, status=403)
    assert db.session.get(WorkingCalendar, 1).name == "Office"
