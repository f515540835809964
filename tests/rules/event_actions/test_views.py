"""The switchboard: switches act at once, say so, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from tests.desk.making import make_ticket
from tests.support.mail import make_connection
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.messages.orders import Channel
from webapp.people.accounts.models import Account
from webapp.rules.event_actions import catalogue, queries
from webapp.rules.event_actions.models import EventActionSwitch
from webapp.rules.event_actions.pages import EVENT_ACTIONS

SignIn = Callable[[Account], PageClient]
PAGE = "/settings/event-actions"
HTMX = {"HX-Request": "true"}
ROW = "ticket.assigned.assignee"
ROWS = [row for row in EVENT_ACTIONS.rows if row.topic == "ticket"]
OF_OBSERVERS = [row for row in ROWS if "observer" in row.to]
HANDED_OVER = [row for row in ROWS if row.group == "moved"]


def is_on(code: str, channel: Channel) -> bool:
    db.session.rollback()
    row = catalogue.row(code)
    assert row is not None
    return queries.get_switches().is_on(row, channel)


def switch_of(page: BeautifulSoup, code: str, channel: str) -> str:
    button = page.select_one(f'form[action*="{code}/{channel}"] [role="switch"]')
    assert button is not None
    return str(button["aria-checked"])


def test_all_switches_are_on_at_first_and_the_page_says_so(carol: Account, sign_in: SignIn) -> None:
    browser = sign_in(carol)
    carol.language = "en"
    page = browser.get(PAGE)
    switches = 2 * len(EVENT_ACTIONS.rows)
    assert f"{switches} of {switches} switches are on" in browser.text
    assert len(page.select(".switch-row")) == len(ROWS)
    assert all(switch["aria-checked"] == "true" for switch in page.select('[role="switch"]'))


@pytest.mark.parametrize("topic", catalogue.RECORD_TOPICS)
def test_each_topic_has_a_tab_of_its_own(carol: Account, sign_in: SignIn, topic: str) -> None:
    page = sign_in(carol).get(f"{PAGE}?topic={topic}")
    assert len(page.select(".switch-row")) == len([row for row in EVENT_ACTIONS.rows if row.topic == topic])
    assert page.select_one(f".tab-link[aria-current][href*='topic={topic}']")


def test_a_row_about_records_of_every_template_takes_no_formula(carol: Account, sign_in: SignIn) -> None:
    browser = sign_in(carol)
    assert not browser.get(f"{PAGE}/comment.mention").select("a[href$='/condition']")
    browser.get(f"{PAGE}/comment.mention/condition", status=404)
    assert browser.get(f"{PAGE}/task.done.author").select("a[href$='/condition']")


def test_a_switch_is_saved_the_moment_it_is_flipped(carol: Account, sign_in: SignIn) -> None:
    browser = sign_in(carol)
    browser.post(f"{PAGE}/{ROW}/email", {"is_on": "0"}, status=200, headers=HTMX)
    assert not is_on(ROW, Channel.EMAIL)
    assert is_on(ROW, Channel.PUSH)


def test_a_flip_answers_with_its_row_that_says_so_and_offers_the_way_back(
    carol: Account, sign_in: SignIn
) -> None:
    browser = sign_in(carol)
    row = browser.post(f"{PAGE}/{ROW}/email", {"is_on": "0"}, status=200, headers=HTMX)
    assert switch_of(row, ROW, "email") == "false"
    note = row.select_one('[role="status"]')
    assert note is not None
    undo = note.select_one("form")
    assert undo is not None
    assert row.select_one("#switchboard-summary[hx-swap-oob]") is not None
    browser.post(str(undo["action"]), {"is_on": "1"}, status=200, headers=HTMX)
    assert is_on(ROW, Channel.EMAIL)


def test_without_javascript_a_flip_leads_back_to_the_page_with_its_filters(
    carol: Account, sign_in: SignIn
) -> None:
    browser = sign_in(carol)
    browser.post(f"{PAGE}/{ROW}/push?role=assignee", {"is_on": "0"})
    page = browser.follow()
    assert browser.response is not None
    assert browser.response.request.args["role"] == "assignee"
    assert switch_of(page, ROW, "push") == "false"
    assert (
        page.select_one(f'#row-ticket-assigned-assignee [role="status"] form[action*="{ROW}/push"]')
        is not None
    )


def test_a_flip_is_announced_with_what_it_was_before(carol: Account, sign_in: SignIn) -> None:
    sign_in(carol).post(f"{PAGE}/{ROW}/email", {"is_on": "0"})
    event = db.session.scalar(select(Event).where(Event.kind == "setting.changed"))
    assert event is not None
    assert event.actor_id == carol.id
    assert event.changes == {f"{ROW} email": {"before": True, "after": False}}


def test_the_same_flip_twice_is_one_change(carol: Account, sign_in: SignIn) -> None:
    browser = sign_in(carol)
    browser.post(f"{PAGE}/{ROW}/email", {"is_on": "0"})
    browser.post(f"{PAGE}/{ROW}/email", {"is_on": "0"})
    assert len(db.session.scalars(select(Event).where(Event.kind == "setting.changed")).all()) == 1


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("search=ПЕРЕДАЧА+В+КОМАНДУ", len(HANDED_OVER)),
        ("role=observer", len(OF_OBSERVERS)),
        ("role=nonsense", len(ROWS)),
        ("channel=email", len(ROWS)),
        ("state=off", 0),
        ("search=nothing+like+this", 0),
    ],
)
def test_filters_stand_in_the_address(carol: Account, sign_in: SignIn, query: str, number: int) -> None:
    page = sign_in(carol).get(f"{PAGE}?{query}")
    assert len(page.select(".switch-row")) == number


def test_the_filter_of_one_channel_shows_only_its_switches(carol: Account, sign_in: SignIn) -> None:
    page = sign_in(carol).get(f"{PAGE}?channel=push")
    assert len(page.select('[role="switch"]')) == len(ROWS)


def test_everything_that_is_filtered_is_switched_off_at_once_and_can_be_taken_back(
    carol: Account, sign_in: SignIn
) -> None:
    carol.language = "en"
    browser = sign_in(carol)
    browser.post(f"{PAGE}/ticket.status.observers/email", {"is_on": "0"})
    page = browser.get(f"{PAGE}?role=observer")
    form = page.select_one("#switchboard-mass form")
    assert form is not None
    assert f"Turn off {len(OF_OBSERVERS)} rows" in form.text
    page = browser.post(str(form["action"]), _fields(form), status=200)
    assert f"{2 * len(OF_OBSERVERS) - 1} switches are now off" in browser.text
    states = [switch["aria-checked"] for switch in page.select('[role="switch"]')]
    assert states == ["false"] * 2 * len(OF_OBSERVERS)
    undo = page.select_one(".alert form")
    assert undo is not None
    browser.post(str(undo["action"]), _fields(undo), status=200)
    # What was off before stays off.
    assert not is_on("ticket.status.observers", Channel.EMAIL)
    assert is_on("ticket.status.observers", Channel.PUSH)


def test_a_row_opens_with_its_texts_in_both_languages_and_what_it_did(
    carol: Account, alice: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    make_connection(is_complete=False)
    make_ticket(alice, title="No paper")
    drain()
    browser = sign_in(carol)
    row = browser.get(f"{PAGE}/ticket.registered.requester?is_open=1", headers=HTMX)
    assert {part["lang"] for part in row.select(".specimen")} == {"ru", "en"}
    assert "Здравствуйте, Анна Смирнова!" in browser.text
    assert "Hello Anna Smirnova" in browser.text
    assert "No paper" in browser.text
    assert "Alice Smirnova" in browser.text


def test_a_row_has_a_page_of_its_own(carol: Account, sign_in: SignIn) -> None:
    browser = sign_in(carol)
    browser.get(f"{PAGE}/{ROW}")
    assert "Вам назначена заявка" in browser.text


def test_the_page_counts_what_its_rows_did_in_seven_days(
    carol: Account, alice: Account, sign_in: SignIn, drain: Callable[[], None], clock
) -> None:
    carol.language = "en"
    make_ticket(alice, title="Long ago")
    drain()
    clock.move(days=8)
    make_ticket(alice, title="Three days ago")
    drain()
    clock.move(days=3)
    make_ticket(alice, title="Now")
    drain()
    page = sign_in(carol).get(PAGE)
    fired = page.select_one("#row-ticket-registered-requester .switch-row-fired")
    assert fired is not None
    assert fired["title"] == "2 messages in the last 7 days"
    heights = [float(bar["height"]) for bar in fired.select("rect")]
    assert [height > 1 for height in heights] == [False, False, False, True, False, False, True]


@pytest.mark.parametrize("address", [f"{PAGE}/no.such.row", f"{PAGE}/account.password_link"])
def test_a_row_that_is_not_there_or_cannot_be_switched_is_not_found(
    carol: Account, sign_in: SignIn, address: str
) -> None:
    browser = sign_in(carol)
    browser.get(address, status=404)
    browser.post(f"{address}/email", {"is_on": "0"}, status=404)


def test_a_value_that_is_neither_on_nor_off_is_refused(carol: Account, sign_in: SignIn) -> None:
    browser = sign_in(carol)
    browser.post(f"{PAGE}/{ROW}/email", {"is_on": "maybe"}, status=400)
    browser.post(f"{PAGE}/{ROW}/pigeon", {"is_on": "0"}, status=404)
    browser.post(PAGE, {"is_on": "0", "switch": ["nonsense"]}, status=404)
    assert db.session.scalars(select(EventActionSwitch)).all() == []


@pytest.mark.parametrize("who", ["mallory", "bob"])
def test_only_a_technologist_may_look_and_switch(
    who: str, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    browser.get(PAGE, status=403)
    browser.get(f"{PAGE}/{ROW}", status=403)
    browser.post(f"{PAGE}/{ROW}/email", {"is_on": "0"}, status=403)
    browser.post(PAGE, {"is_on": "0", "switch": f"{ROW}:email"}, status=403)
    assert is_on(ROW, Channel.EMAIL)


def _fields(form) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for field in form.select("input[name]"):
        if field["name"] != "csrf_token":
            fields.setdefault(field["name"], []).append(field["value"])
    return fields
