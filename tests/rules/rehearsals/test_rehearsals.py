"""A row is tried on the last 30 days: what it would have told, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.desk.making import make_ticket
from tests.support.background import StoppedClock, run_job
from tests.support.mail import make_connection
from tests.support.pages import PageClient
from tests.support.people import make_account
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.records import services as records
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.job_names import JobName
from webapp.messaging.messages.models import Delivery, Message
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account, Role
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions import services as switches
from webapp.rules.rehearsals import queries, rehearsing
from webapp.rules.rehearsals.models import DAYS, Rehearsal
from webapp.rules.rehearsals.tally import Tally

SignIn = Callable[[Account], PageClient]
CODE = "ticket.in_progress.requester"
PAGE = f"/settings/event-actions/{CODE}/rehearsal"


@pytest.fixture
def browser(carol: Account, sign_in: SignIn) -> PageClient:
    carol.language = "en"
    db.session.commit()
    return sign_in(carol)


@pytest.fixture
def ticket(clock: StoppedClock, alice: Account, bob: Account) -> Record:
    """Alice's ticket, on which work began."""
    make_connection(is_complete=False)
    ticket = make_ticket(alice, title="No paper", assignee=bob.id)
    records.change_status(ticket, "in_progress", actor=bob)
    db.session.commit()
    return ticket


def tried(code: str = CODE, condition: str | None = None, **budget: float) -> Tally:
    """The last tally of a rehearsal."""
    db.session.commit()
    row = catalogue.row(code)
    allowed = rehearsing.Budget(**budget) if budget else None
    *_earlier, tally = rehearsing.rehearse(row, condition, now() - timedelta(days=DAYS), allowed)
    return tally


def told() -> tuple[int, int, int]:
    db.session.rollback()
    counted = (db.session.scalar(select(func.count(kind.id))) for kind in (Message, Delivery, PushNote))
    return tuple(counted)  # type: ignore[return-value]


def started() -> int:
    """The number of the one rehearsal."""
    (number,) = db.session.scalars(select(Rehearsal.id)).all()
    db.session.commit()
    return number


def test_it_says_what_would_have_been_told_and_sends_nothing(ticket: Record, alice: Account) -> None:
    before = told()
    tally = tried()
    assert (tally.fired, tally.messages) == (1, 1)
    assert tally.by_channel == {"email": 1, "push": 1}
    assert tally.people == {"email": {alice.id}, "push": {alice.id}}
    assert told() == before


def test_a_row_that_is_off_is_tried_as_if_it_were_on(ticket: Record, carol: Account) -> None:
    row = catalogue.row(CODE)
    switches.switch([(row, channel) for channel in row.channels], is_on=False, actor=carol)
    assert tried().messages == 1
    assert tried("ticket.status.observers").messages == 0


def test_what_another_row_says_instead_is_counted_as_merged(
    ticket: Record, alice: Account, bob: Account
) -> None:
    records.change_status(ticket, "resolved", actor=bob)
    records.change_status(ticket, "closed", actor=bob)
    assert tried("ticket.satisfaction.requester").messages == 1
    tally = tried("ticket.closed.requester")
    assert (tally.fired, tally.messages) == (1, 0)
    assert tally.merged == {"email": 1, "push": 1}


def test_who_is_passed_over_is_counted_with_the_reason(ticket: Record, alice: Account) -> None:
    alice.is_active = False
    tally = tried()
    assert tally.messages == 0
    assert tally.passed_over == {"inactive": 2}


def test_people_without_an_account_are_passed_over_where_the_company_says_so(
    ticket: Record, bob: Account
) -> None:
    other = make_ticket(bob, requester_address="anna@example.org", requester=None)
    records.change_status(other, "in_progress", actor=bob)
    assert tried().passed_over == {"unregistered": 1}


def test_a_condition_that_is_not_saved_is_tried(ticket: Record) -> None:
    assert tried(condition='$priority == "1"').passed_over == {"condition": 2}
    assert tried(condition='$priority == "3"').messages == 1


def test_only_the_last_30_days_count(ticket: Record, clock: StoppedClock) -> None:
    clock.move(days=31)
    assert tried().looked_at == 0
    clock.move(days=-2)
    assert tried().messages == 1


def test_however_much_happened_it_stops_in_time_and_says_so(
    ticket: Record, alice: Account, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsing, "CHUNK", 2)
    for number in range(5):
        records.add_comment(ticket, f"Note {number}", author=bob, is_internal=False)
    every = db.session.scalar(select(func.count(Event.id)))
    assert tried().looked_at == every
    assert not tried().is_cut
    some = tried(events=3)
    assert (some.looked_at, some.is_cut) == (3, True)
    assert some.reached_at is not None
    assert tried(seconds=1e-9).is_cut


def test_it_writes_nothing_while_it_looks(ticket: Record) -> None:
    db.session.commit()
    steps = rehearsing.rehearse(catalogue.row(CODE), None, now() - timedelta(days=DAYS))
    next(steps)
    assert not db.session().in_transaction(), "nobody waits for a rehearsal"


def test_the_page_begins_it_shows_how_far_it_is_and_what_came_of_it(
    app: Flask, browser: PageClient, ticket: Record
) -> None:
    assert "It was not tried yet" in browser.get(PAGE).text
    browser.post(PAGE, status=303)
    page = browser.get(PAGE)
    assert page.select_one("#rehearsal[hx-get]") is not None
    browser.post(PAGE, status=303)
    run_job(app, JobName.REHEARSE, started())
    page = browser.get(PAGE)
    assert page.select_one("#rehearsal[hx-get]") is None
    assert "1 message would have been written" in browser.text
    assert "1 to 1 people, merged with another event action 0 times" in browser.text
    assert f"[#{ticket.id}]" in page.select_one(".told").text
    assert page.select_one(f'.told a[href="/records/{ticket.id}"]') is not None
    assert browser.get(PAGE, headers={"HX-Request": "true"}).select_one("h1") is None


def test_the_condition_page_tries_what_is_typed_there(
    app: Flask, browser: PageClient, ticket: Record
) -> None:
    page = browser.get(f"/settings/event-actions/{CODE}/condition")
    assert page.select_one(f'button[formaction="{PAGE}"]') is not None
    browser.post(PAGE, {"text": '$priority == "1"', "record": ""}, status=303)
    run_job(app, JobName.REHEARSE, started())
    page = browser.get(PAGE)
    assert '$priority == "1"' in browser.text
    assert "The condition of this event action was not met. 2 times" in browser.text


def test_a_condition_that_cannot_be_read_stays_typed(browser: PageClient) -> None:
    page = browser.post(PAGE, {"text": "$priority ==", "record": ""}, status=422)
    assert page.select_one("textarea[name=text]").text.strip() == "$priority =="
    assert page.select_one("#text-error") is not None
    assert db.session.scalar(select(func.count(Rehearsal.id))) == 0


def test_one_that_breaks_says_so_and_does_not_come_back(
    app: Flask, browser: PageClient, ticket: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.post(PAGE, status=303)
    rehearsal_id = started()

    def broken(_walk: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rehearsing._Walk, "go_on", broken)
    run_job(app, JobName.REHEARSE, rehearsal_id)
    assert "It broke off" in browser.get(PAGE).text
    run_job(app, JobName.REHEARSE, rehearsal_id)


def test_one_that_was_cut_short_is_rung_for_again(app: Flask, browser: PageClient) -> None:
    browser.post(PAGE, status=303)
    assert len(queries.list_unended()) == 1


@pytest.mark.parametrize("role", [Role.USER, Role.SUPPORT])
def test_only_technologists_try(sign_in: SignIn, role: Role) -> None:
    browser = sign_in(make_account("Mallory Black", role=role))
    browser.get(PAGE, status=403)
    browser.post(PAGE, status=403)


@pytest.mark.parametrize("code", ["ticket.nothing", "account.password_link"])
def test_rows_that_are_not_on_the_page_cannot_be_tried(browser: PageClient, code: str) -> None:
    browser.get(f"/settings/event-actions/{code}/rehearsal", status=404)
