"""The page of escalation rules: its switches, and when each of them fires."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.models import Account
from webapp.rules.escalations import rearming
from webapp.rules.event_actions import catalogue, queries
from webapp.rules.event_actions.moments import Moment, Unit, get_moments
from webapp.rules.event_actions.pages import ESCALATIONS

SignIn = Callable[[Account], PageClient]
PAGE = "/settings/escalations"
NEAR = "ticket.deadline.before25.assignee"
AFTER = "ticket.deadline.after25.manager"
WAITING = "ticket.waiting.requester"


@pytest.fixture
def browser(carol: Account, sign_in: SignIn) -> PageClient:
    carol.language = "en"
    db.session.commit()
    return sign_in(carol)


def address(code: str) -> str:
    return f"{PAGE}/{code}/moment"


def moment_of(code: str) -> Moment:
    db.session.rollback()
    row = catalogue.row(code)
    assert row is not None
    assert row.moment is not None
    return get_moments().of(code, row.moment)


@pytest.mark.parametrize("topic", ESCALATIONS.topics)
def test_each_kind_of_record_has_its_tab_with_all_rules_on(browser: PageClient, topic: str) -> None:
    page = browser.get(f"{PAGE}?topic={topic}")
    rows = [row for row in ESCALATIONS.rows if row.topic == topic]
    assert len(page.select(".switch-row")) == len(rows)
    assert all(switch["aria-checked"] == "true" for switch in page.select('[role="switch"]'))
    number = 2 * len(ESCALATIONS.rows)
    assert f"{number} of {number} switches are on" in page.text


def test_a_rule_says_when_it_fires_in_the_words_of_the_reader(
    browser: PageClient, carol: Account, sign_in: SignIn
) -> None:
    assert "When 75% of the resolution term is over" in browser.get(PAGE).text
    carol.language = "ru"
    db.session.commit()
    assert "Когда пройдёт 75\xa0% срока решения" in sign_in(carol).get(PAGE).text


def test_event_actions_stand_on_their_own_page(browser: PageClient) -> None:
    assert NEAR not in str(browser.get("/settings/event-actions"))
    assert "ticket.assigned.assignee" not in str(browser.get(PAGE))


def test_a_switch_without_javascript_leads_back_to_this_page(browser: PageClient) -> None:
    page = browser.get(f"{PAGE}?topic=task")
    form = page.select_one('form[action*="task.deadline.at.author/email"]')
    assert form is not None
    browser.post(str(form["action"]), {"is_on": "0"}, status=303)
    page = browser.follow()
    assert browser.response is not None
    assert browser.response.request.path == PAGE
    assert page.select_one('[role="status"] form[action*="task.deadline.at.author/email"]') is not None


def test_all_that_is_filtered_is_switched_off_at_once(browser: PageClient) -> None:
    page = browser.get(f"{PAGE}?role=leader")
    form = page.select_one("#switchboard-mass form")
    assert form is not None
    sent = {"is_on": "0", "switch": [str(each["value"]) for each in form.select('[name="switch"]')]}
    page = browser.post(str(form["action"]), sent, status=200)
    assert all(switch["aria-checked"] == "false" for switch in page.select('[role="switch"]'))
    row = catalogue.row("ticket.deadline.at.leader")
    assert row is not None
    db.session.rollback()
    assert not queries.get_switches().is_on(row, Channel.EMAIL)


def test_a_share_is_set_said_and_announced(browser: PageClient) -> None:
    browser.post(address(NEAR), {"amount": "10", "unit": "percent"}, status=303)
    page = browser.follow()
    assert (moment_of(NEAR).amount, moment_of(NEAR).unit) == (10, Unit.PERCENT)
    assert "When 90% of the resolution term is over" in page.text
    assert "10% before the ticket deadline (to the assignee)" in page.text
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert event.changes == {f"{NEAR} moment": {"before": "25 percent 1", "after": "10 percent 1"}}
    journal = browser.get(f"/journals/events/{event.id}").text
    assert "When it fires" in journal
    assert "When 90% of the resolution term is over" in journal


@pytest.mark.parametrize(
    ("unit", "words"), [("hours", "4 hours of working time before"), ("days", "4 working days before")]
)
def test_a_time_may_be_set_instead_of_a_share(browser: PageClient, unit: str, words: str) -> None:
    browser.post(address(NEAR), {"amount": " 4 ", "unit": unit}, status=303)
    assert words in browser.follow().text


def test_how_often_a_question_is_repeated_is_set_too(browser: PageClient) -> None:
    browser.post(address(WAITING), {"amount": "1", "unit": "days", "times": "5"}, status=303)
    assert moment_of(WAITING).times == 5
    assert "at most 5 times" in browser.follow().text


def test_it_is_put_back_to_what_it_was_originally(browser: PageClient) -> None:
    browser.post(address(NEAR), {"amount": "3", "unit": "days"}, status=303)
    page = browser.follow()
    form = page.select_one('form[action$="/moment/reset"]')
    assert form is not None
    browser.post(str(form["action"]), {}, status=303)
    assert moment_of(NEAR) == catalogue.row(NEAR).moment  # type: ignore[union-attr]
    assert browser.follow().select_one('form[action$="/moment/reset"]') is None


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        (NEAR, {"amount": "100", "unit": "percent"}),
        (NEAR, {"amount": "0", "unit": "percent"}),
        (NEAR, {"amount": "-5", "unit": "percent"}),
        (NEAR, {"amount": "2.5", "unit": "hours"}),
        (NEAR, {"amount": "", "unit": "hours"}),
        (NEAR, {"amount": "٣", "unit": "days"}),
        (NEAR, {"amount": "61", "unit": "days"}),
        (AFTER, {"amount": "501", "unit": "percent"}),
        (WAITING, {"amount": "2", "unit": "days", "times": "11"}),
        (WAITING, {"amount": "2", "unit": "days", "times": "often"}),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_stays_there(
    browser: PageClient, code: str, fields: dict[str, str]
) -> None:
    before = moment_of(code)
    page = browser.post(address(code), fields, status=422)
    error = page.select_one(".field.has-error .field-error")
    assert error is not None
    assert "Write a whole number from 1 to" in error.text
    for name, value in fields.items():
        field = page.select_one(f'input[name="{name}"]')
        assert field is None or field["value"] == value
    assert moment_of(code) == before


@pytest.mark.parametrize("unit", ["percent", "years", ""])
def test_a_unit_that_the_rule_does_not_offer_is_refused(browser: PageClient, unit: str) -> None:
    browser.post(address(WAITING), {"amount": "2", "unit": unit, "times": "3"}, status=422)


def test_more_than_a_whole_term_after_is_fine(browser: PageClient) -> None:
    browser.post(address(AFTER), {"amount": "500", "unit": "percent"}, status=303)
    assert moment_of(AFTER).amount == 500


def test_the_same_once_more_changes_and_announces_nothing(browser: PageClient) -> None:
    browser.post(address(NEAR), {"amount": "25", "unit": "percent"}, status=303)
    assert db.session.scalar(select(func.count(Event.id))) == 0
    assert rearming.get_latest() is None


@pytest.mark.parametrize(
    "code", ["ticket.deadline.at.assignee", "ticket.assigned.assignee", "ticket.nothing", "account.invited"]
)
def test_what_has_no_time_to_set_is_not_found(browser: PageClient, code: str) -> None:
    browser.get(address(code), status=404)
    browser.post(address(code), {"amount": "5", "unit": "percent"}, status=404)
    browser.post(f"{address(code)}/reset", {}, status=404)


def test_mallory_may_neither_look_nor_set(mallory: Account, sign_in: SignIn) -> None:
    browser = sign_in(mallory)
    for path in (PAGE, address(NEAR), f"{PAGE}/progress"):
        browser.get(path, status=403)
    browser.post(PAGE, {"is_on": "0", "switch": [f"{NEAR}:email"]}, status=403)
    browser.post(address(NEAR), {"amount": "5", "unit": "percent"}, status=403)
    browser.post(f"{address(NEAR)}/reset", {}, status=403)
    assert moment_of(NEAR) == catalogue.row(NEAR).moment  # type: ignore[union-attr]


def test_how_far_the_background_is_stands_on_the_page(browser: PageClient) -> None:
    browser.post(address(NEAR), {"amount": "5", "unit": "percent"}, status=303)
    assert browser.get(PAGE).select_one("#rearming-progress[hx-get]") is not None
    found = rearming.get_latest()
    assert found is not None
    while rearming.go_on(found):
        db.session.commit()
    db.session.commit()
    assert browser.get(PAGE).select_one("#rearming-progress[hx-get]") is None
