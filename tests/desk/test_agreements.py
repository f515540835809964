"""The pages of agreements, and deadlines on the card and in lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.desk.agreeing import USUAL, deadline, make_agreement, make_calendar
from tests.desk.making import make_record, make_ticket
from tests.support.background import StoppedClock
from tests.support.pages import PageClient
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.agreements import book, queries, ready, services, terms_text
from webapp.desk.agreements.models import Agreement
from webapp.desk.agreements.terms_text import BadTerm
from webapp.desk.records import services as records
from webapp.events.models import Event
from webapp.people.accounts.models import Account
from webapp.people.calendars.queries import list_calendars

SignIn = Callable[[Account], PageClient]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("2", 120), ("2:30", 150), ("2 ч", 120), ("8h", 480), ("1,5 часа", 90), ("90 мин", 90),
        ("1 h 30 min", 90), ("1 ч 30 м.", 90), ("0:05", 5), ("2.25", 135),
    ],
)  # fmt: skip
def test_terms_are_read_as_people_write_them(typed: str, minutes: int) -> None:
    assert terms_text.read(typed) == minutes * 60
    assert terms_text.read(terms_text.as_clock(minutes * 60)) == minutes * 60


@pytest.mark.pure
@pytest.mark.parametrize(
    "typed", ["", " ", "soon", "-2", "2:75", "2 days", "h", "1e5", "٢", "1:2:3", "9" * 30]
)
def test_other_terms_are_refused(typed: str) -> None:
    with pytest.raises(BadTerm):
        terms_text.read(typed)


def test_a_new_installation_has_a_calendar_and_a_default_agreement(app: Flask) -> None:
    agreement = ready.make_ready()
    db.session.commit()
    assert agreement.is_default
    promise = book.get().promise(None, None, 3)
    assert (promise.terms, book.get().promise(None, None, 1).terms) == ((7_200, 28_800), (3_600, 14_400))
    assert ready.make_ready() is None, "once"
    assert len(list_calendars()) == 1


def test_an_installation_at_work_gets_no_agreement_by_surprise(app: Flask, alice: Account) -> None:
    make_ticket(alice)
    assert ready.make_ready() is None


def test_a_technologist_makes_and_changes_an_agreement(sign_in: SignIn, carol: Account) -> None:
    make_calendar()
    browser = sign_in(carol)
    browser.get("/settings/agreements")
    fields = {
        "name": "Gold", "is_default": "y", "reaction_0": "2 ч", "resolution_0": "8:00",
        "reaction_1": "0:30", "resolution_1": "2", "priority_1": "1",
    }  # fmt: skip
    browser.submit("/settings/agreements/new", "main form", fields)
    page = browser.follow()
    assert [cell.text for cell in page.select("tbody td[data-label]")][-1].startswith("8:00")
    agreement = queries.list_agreements()[0]
    assert {(rule.priority, rule.resolution_s) for rule in agreement.rules} == {(None, 28_800), (1, 7_200)}
    path = f"/settings/agreements/{agreement.id}/edit"
    page = browser.get(path)
    assert page.select_one("[name=reaction_0]")["value"] == "2:00"
    browser.submit(path, "main form", {"reaction_1": "", "resolution_1": "", "name": "Silver"})
    db.session.expire_all()
    assert (agreement.name, len(agreement.rules), agreement.is_default) == ("Silver", 1, True)
    told = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (told.kind, told.subject_type, told.actor_id) == ("setting.changed", "agreement", carol.id)
    assert told.changes["name"] == {"before": "Gold", "after": "Silver"}


BAD_RULES = [
    {"reaction_0": "soon"},
    {"reaction_0": "0:00"},
    {"reaction_0": "9:00"},
    {"reaction_0": ""},
    {"resolution_0": "99999"},
    {"resolution_0": "8784"},
    {"reaction_0": "", "resolution_0": "", "reaction_1": "", "resolution_1": ""},
    {"priority_1": ""},
    {"priority_0": "7"},
    {"service_0": "99999"},
    {"service_0": "x"},
    {"calendar": "99"},
    {"calendar": ""},
    {"name": ""},
    {"name": "other"},
    {"name": "x" * 200},
]


@pytest.mark.parametrize("bad", BAD_RULES, ids=str)
def test_bad_rules_say_what_is_wrong_and_are_not_lost(
    sign_in: SignIn, carol: Account, bad: dict[str, str]
) -> None:
    # One hour of work a week: a year of working time is too far away.
    agreement = make_agreement(make_calendar(hours="9-10", days=1))
    make_agreement(name="Other", calendar=agreement.calendar, is_default=False)
    path = f"/settings/agreements/{agreement.id}/edit"
    page = sign_in(carol).submit(path, "main form", bad, status=422)
    assert page.select(".field-error")
    for name, typed in bad.items():
        control = page.select_one(f"input[name={name}]")
        assert control is None or control["value"] == typed
    db.session.expire_all()
    assert {rule.resolution_s for rule in agreement.rules} == {28_800, 14_400}


def test_there_is_one_default_agreement(app: Flask, carol: Account) -> None:
    first = make_agreement()
    second = make_agreement(first.calendar, "Second")
    db.session.expire_all()
    assert (first.is_default, second.is_default) == (False, True)
    with pytest.raises(services.DefaultNeeded):
        services.delete_agreement(second, actor=carol)
    services.delete_agreement(first, actor=carol)
    services.delete_agreement(second, actor=carol)
    db.session.commit()
    assert queries.list_agreements() == []


def test_a_customer_is_added_by_number_or_name_and_taken_away(sign_in: SignIn, carol: Account) -> None:
    agreement = make_agreement()
    other = make_agreement(agreement.calendar, "Other", is_default=False)
    acme = make_record("customer", carol, title="Acme")
    make_record("customer", carol, title="Acorn")
    ticket = make_ticket(carol)
    browser, path = sign_in(carol), f"/settings/agreements/{agreement.id}"
    form = "form[action$='/customers']"
    for typed in ("", "Ac", "Nobody", str(ticket.id), "9" * 30, "№ 77"):
        page = browser.submit(path, form, {"customer": typed}, status=422)
        assert page.select_one("[name=customer]")["value"] == typed
    for _time in range(2):
        browser.submit(path, form, {"customer": "acme"})
    assert queries.agreements_of_customers([acme.id]) == {acme.id: agreement.id}
    browser.submit(f"/settings/agreements/{other.id}", form, {"customer": f"#{acme.id} Acme"})
    db.session.expire_all()
    assert queries.agreements_of_customers([acme.id]) == {acme.id: other.id}, "one agreement for each"
    browser.submit(f"/settings/agreements/{other.id}", "form[action*='/customers/']", {})
    db.session.expire_all()
    assert queries.agreements_of_customers([acme.id]) == {}


def test_a_trial_answers_in_the_readers_zone(sign_in: SignIn, carol: Account) -> None:
    agreement = make_agreement()
    browser, path = sign_in(carol), f"/settings/agreements/{agreement.id}"
    page = browser.get(f"{path}?priority=1&moment=2026-11-20T17:00")
    answer = [each["datetime"] for each in page.select(".try-answer time")]
    assert answer == ["2026-11-20T15:00:00+00:00", "2026-11-23T09:00:00+00:00"]
    for asked in (
        "?moment=never",
        "?moment=0001-01-01T00:00",
        "?priority=x&service=x",
        "?service=999999999999999999999",
    ):
        browser.get(f"{path}{asked}")
    for asked in ("?moment=2999-12-31T23:00", "?moment=1900-01-01T00:00&priority=1"):
        assert browser.get(f"{path}{asked}").select(".try-answer")


def test_the_card_shows_what_is_left_in_both_zones(
    clock: StoppedClock, sign_in: SignIn, alice: Account, bob: Account
) -> None:
    clock.move(hours=-20)  # Friday, 16:00 in Moscow
    make_agreement()
    ticket = make_ticket(alice)
    browser = sign_in(bob)  # in London
    box = browser.get(f"/records/{ticket.id}").select_one("#deadlines")
    assert "20 November 2026, 15:00" in box.text
    assert "20 November 2026, 18:00" in box.text
    assert "left: 2 h" in box.text
    assert "left: 8 h" in box.text
    assert [each["value"] for each in box.select("meter")] == ["0.0", "0.0"]
    assert not sign_in(alice).get(f"/records/{ticket.id}").select(".deadline-zone"), "her zone is Moscow"
    clock.move(hours=2, minutes=1)
    box = browser.get(f"/records/{ticket.id}").select_one("#deadlines")
    assert box.select_one(".state-danger").text.strip() == "late by 0 min", "nobody works at night"
    records.change_status(ticket, "postponed", actor=bob, comment="x")
    db.session.commit()
    box = browser.get(f"/records/{ticket.id}").select_one("#deadlines")
    assert "done late" in box.text
    assert "the clock stands, left: 6 h" in box.text


def test_the_box_of_deadlines_follows_what_is_done_on_the_card(
    sign_in: SignIn, alice: Account, bob: Account
) -> None:
    make_agreement()
    path = f"/records/{make_ticket(alice).id}/status"
    browser = sign_in(bob)
    fields = {"status": "in_progress", "csrf_token": browser.csrf_token()}
    db.session.commit()
    answer = browser.client.post(
        path,
        data=fields,
        headers={"HX-Request": "true"},
    )
    assert 'id="deadlines" hx-swap-oob="true"' in answer.text
    assert "done in time" in answer.text


def test_the_card_has_no_box_without_deadlines(sign_in: SignIn, alice: Account) -> None:
    assert not sign_in(alice).get(f"/records/{make_ticket(alice).id}").select("#deadlines")


def test_staff_set_the_deadline_in_the_form_and_others_do_not(
    sign_in: SignIn, clock: StoppedClock, alice: Account, bob: Account
) -> None:
    make_agreement()
    ticket = make_ticket(alice)
    path = f"/records/{ticket.id}/edit"
    browser = sign_in(bob)
    page = browser.submit(
        path, "form[action$='/edit']", {"deadline": "2026-11-20T10:00", "title": "New"}, status=422
    )
    assert page.select_one("[name=deadline]")["value"] == "2026-11-20T10:00"
    assert page.select_one("[name=title]")["value"] == "New"
    assert "over already" in page.select_one(".field-error").text
    browser.submit(path, "form[action$='/edit']", {"deadline": "2026-11-30T10:00"})
    db.session.expire_all()
    assert deadline(ticket).is_named
    assert "set by hand" in browser.get(f"/records/{ticket.id}").select_one("#deadlines").text
    assert not sign_in(alice).get(path).select("[name=deadline]")
    past = {"title": "x", "type": "incident", "priority": "3", "deadline": "2020-01-01T10:00"}
    page = browser.submit("/records/ticket/new", "form[action$='/new']", past, status=422)
    assert page.select_one("[name=title]")["value"] == "x"


def test_the_list_is_ordered_by_deadline_and_marks_what_is_late(
    clock: StoppedClock, sign_in: SignIn, alice: Account, bob: Account
) -> None:
    make_agreement()
    slow, quick = make_ticket(alice, "slow"), make_ticket(alice, "quick", priority="1")
    clock.move(days=2, hours=4)  # Monday, 16:00
    page = sign_in(bob).get("/records/ticket?sort=deadline")
    assert [cell.text for cell in page.select("#record-list .cell-main")] == ["quick", "slow"]
    assert len(page.select("#record-list .state-danger")) == 1 + _danger_of_priority(page)
    assert slow["deadline"] > now() > quick["deadline"]


def _danger_of_priority(page) -> int:
    return sum("1." in each.text for each in page.select("#record-list .state-danger"))


def test_formulas_read_deadlines_as_moments(clock: StoppedClock, alice: Account) -> None:
    from webapp.desk.records.record_store import RecordStore
    from webapp.languages.store import Ref

    make_agreement()
    ticket = make_ticket(alice)
    store, thing = RecordStore(None), Ref("record", ticket.id)
    assert store.read([thing], "deadline")[thing] == ticket["deadline"]
    assert store.read([thing], "react_by")[thing] - now() > timedelta(hours=2)


@pytest.mark.parametrize("path", ["", "/new", "/1", "/1/edit", "/progress"])
def test_mallory_and_support_staff_do_not_see_agreements(
    sign_in: SignIn, mallory: Account, bob: Account, path: str
) -> None:
    make_agreement()
    for account in (mallory, bob):
        sign_in(account).get(f"/settings/agreements{path}", status=403)


@pytest.mark.parametrize("path", ["/new", "/1/edit", "/1/delete", "/1/customers", "/1/customers/1/remove"])
def test_mallory_changes_no_agreement(sign_in: SignIn, mallory: Account, path: str) -> None:
    make_agreement()
    sign_in(mallory).post(f"/settings/agreements{path}", {"name": "Mine"}, status=403)
    assert db.session.get(Agreement, 1).name == "Usual"


def test_the_progress_of_a_recount_is_shown_until_it_is_over(
    app: Flask, sign_in: SignIn, alice: Account, carol: Account, drain: Callable[[], None]
) -> None:
    agreement = make_agreement()
    make_ticket(alice)
    wanted = services.Wanted("Usual", agreement.calendar, USUAL[:1], is_default=True)
    services.change_agreement(agreement, wanted, actor=carol)
    db.session.commit()
    browser = sign_in(carol)
    assert browser.get("/settings/agreements").select("#recount-progress[hx-get] progress")
    assert browser.get(f"/settings/calendars/{agreement.calendar_id}").select("#recount-progress progress")
    drain()
    assert not browser.get("/settings/agreements").select("#recount-progress[hx-get]")
    browser.get("/settings/agreements/progress")
