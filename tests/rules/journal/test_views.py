"""The event journal: what happened in words, who reacted, and a failed reaction that runs again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.desk.making import make_ticket
from tests.rules.failing import failing_subscriber
from tests.support.mail import make_connection
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records import services
from webapp.events.kinds import EventKind
from webapp.events.models import Event, Receipt
from webapp.events.services import Subject, announce
from webapp.messaging.messages.models import Message
from webapp.people.accounts.models import Account
from webapp.rules.narration.words import KINDS

SignIn = Callable[[Account], PageClient]
PAGE = "/journals/events"


@pytest.fixture
def browser(carol: Account, sign_in: SignIn) -> PageClient:
    """Carol's browser, in English."""
    carol.language = "en"
    return sign_in(carol)


def event_of(kind: EventKind) -> Event:
    db.session.rollback()
    event = db.session.scalar(select(Event).where(Event.kind == kind.value).order_by(Event.id.desc()))
    assert event is not None
    return event


def test_an_empty_journal_says_what_will_be_there(browser: PageClient) -> None:
    browser.get(PAGE)
    assert "Nothing has happened yet" in browser.text


def test_events_are_told_in_words_newest_first(
    browser: PageClient, alice: Account, bob: Account, drain: Callable[[], None]
) -> None:
    ticket = make_ticket(alice, title="No paper")
    services.change_status(ticket, "in_progress", actor=bob)
    db.session.commit()
    drain()
    lines = [" ".join(line.text.split()) for line in browser.get(PAGE).select("tbody tr")]
    assert "Bob Miller moved it to “In progress”" in lines[0]
    assert "Alice Smirnova registered the record" in lines[1]
    assert all("No paper" in line and "Handled" in line for line in lines)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_words(
    browser: PageClient, carol: Account, alice: Account, kind: EventKind
) -> None:
    ticket = make_ticket(alice, title="No paper")
    subjects = {"record": ticket.id, "account": alice.id, "connection": make_connection().id}
    noun = kind.value.partition(".")[0]
    subject = Subject(noun, subjects.get(noun, 1))
    changes = {"name": {"before": None, "after": "x"}} if noun != "record" else {}
    event = announce(kind, subject, actor_id=carol.id, changes=changes, data={"template": "ticket"})
    db.session.commit()
    assert kind in KINDS
    browser.get(f"{PAGE}?kind={kind.value}")
    browser.get(f"{PAGE}/{event.id}")
    assert "Carol Volkova" in browser.text


def test_flipped_switches_are_named_as_on_their_page(browser: PageClient) -> None:
    browser.post("/settings/event-actions/ticket.assigned.assignee/email", {"is_on": "0"})
    browser.get(f"{PAGE}/{event_of(EventKind.SETTING_CHANGED).id}")
    assert "Ticket assigned (to the assignee): E-mail" in browser.text
    assert "on → off" in browser.text


def test_the_link_to_set_a_password_is_not_shown(browser: PageClient, alice: Account) -> None:
    data = {"sealed_token": "gAAAA-secret"}
    kind = EventKind.PASSWORD_LINK_REQUESTED
    event = announce(kind, Subject("account", alice.id), actor_id=None, data=data, dedupe_key="x")
    event.is_done = True
    db.session.commit()
    browser.get(f"{PAGE}/{event.id}")
    assert "gAAAA" not in str(browser.page)


def test_an_event_shows_whom_it_told_and_who_was_passed_over_and_why(
    browser: PageClient, alice: Account, bob: Account, drain: Callable[[], None]
) -> None:
    make_connection(is_complete=False)
    ticket = make_ticket(alice, title="No paper", assignee=bob.id)
    services.add_comment(ticket, "Still none", author=alice, is_internal=False)
    db.session.commit()
    drain()
    page = browser.get(f"{PAGE}/{event_of(EventKind.RECORD_COMMENTED).id}")
    assert "Bob Miller" in page.select_one(".told").text
    assert "Not read yet" in page.select_one(".told").text
    assert "Alice Smirnova They did it themselves" in " ".join(page.select_one(".passed-over").text.split())
    message = db.session.scalar(
        select(Message).where(Message.account_id == bob.id).order_by(Message.id.desc())
    )
    assert page.select_one(f'a[href="/messages/{message.id}"]') is not None


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("kind=record.created", 2),
        ("kind=record.commented", 1),
        ("kind=nonsense", 3),
        ("record={ticket}", 2),
        ("record=%23{ticket}", 2),
        ("record=999999", 0),
        ("record=99999999999999999999999", 3),
        ("actor=bob", 1),
        ("actor=СМИРН", 0),
        ("state=failed", 0),
        ("state=undone", 3),
    ],
)
def test_filters_stand_in_the_address(
    browser: PageClient, alice: Account, bob: Account, query: str, number: int
) -> None:
    ticket = make_ticket(alice, title="No paper")
    make_ticket(alice, title="No ink")
    services.add_comment(ticket, "Here is some", author=bob, is_internal=False)
    db.session.commit()
    page = browser.get(f"{PAGE}?{query.format(ticket=ticket.id)}")
    assert len(page.select("tbody tr")) == number


def test_a_long_journal_has_pages(browser: PageClient, alice: Account) -> None:
    for number in range(51):
        announce(EventKind.ACCOUNT_CHANGED, Subject("account", alice.id), actor_id=number + 1)
    db.session.commit()
    page = browser.get(PAGE)
    assert len(page.select("tbody tr")) == 50
    following = browser.get(page.select_one('a[rel="next"]')["href"])
    assert len(following.select("tbody tr")) == 1


def test_a_failed_event_says_why_on_every_page_of_a_technologist(
    browser: PageClient, alice: Account, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    make_ticket(alice, title="No paper")
    with failing_subscriber():
        drain()
    browser.get("/settings/event-actions")
    assert "1 event could not be handled" in browser.text
    browser.get(f"{PAGE}/{event_of(EventKind.RECORD_CREATED).id}")
    assert "RuntimeError: the catalogue is on fire" in browser.text
    others = sign_in(bob)
    others.get("/records/ticket")
    assert "could not be handled" not in others.text


def test_a_failed_event_is_handled_again_when_asked(
    browser: PageClient, alice: Account, drain: Callable[[], None]
) -> None:
    make_ticket(alice, title="No paper")
    with failing_subscriber():
        drain()
    event_id = event_of(EventKind.RECORD_CREATED).id
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0
    browser.post(f"{PAGE}/{event_id}/replay", {}, status=303)
    page = browser.follow()
    assert page.select_one("#handling[hx-get]") is not None
    drain()
    page = browser.get(f"{PAGE}/{event_id}", headers={"HX-Request": "true"})
    assert page.select_one("#handling[hx-get]") is None
    assert "Handled" in page.text
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_replay_of_what_did_not_fail_changes_nothing(
    browser: PageClient, alice: Account, drain: Callable[[], None]
) -> None:
    make_ticket(alice, title="No paper")
    drain()
    event_id = event_of(EventKind.RECORD_CREATED).id
    browser.post(f"{PAGE}/{event_id}/replay", {}, status=303)
    assert event_of(EventKind.RECORD_CREATED).is_done


def test_all_failed_events_are_handled_again_with_one_button(
    browser: PageClient, alice: Account, drain: Callable[[], None]
) -> None:
    for title in ("No paper", "No ink", "No printer"):
        make_ticket(alice, title=title)
    with failing_subscriber():
        drain()
    page = browser.get(f"{PAGE}?state=failed")
    assert len(page.select("tbody tr")) == 3
    form = page.select_one(f'form[action="{PAGE}/replay"]')
    assert "Handle 3 events again" in form.text
    browser.post(f"{PAGE}/replay", {}, status=303)
    browser.follow()
    assert "3 events are being handled again" in browser.text
    drain()
    progress = browser.get(f"{PAGE}/progress", headers={"HX-Request": "true"})
    assert progress.text.strip() == ""
    assert {one.state for one in db.session.scalars(select(Receipt))} == {"done"}
    assert db.session.scalar(select(func.count()).select_from(Message)) == 3


def test_a_chain_of_events_is_linked_both_ways(browser: PageClient, alice: Account) -> None:
    ticket = make_ticket(alice, title="No paper")
    first = event_of(EventKind.RECORD_CREATED)
    second = announce(
        EventKind.RECORD_COMMENTED,
        Subject("record", ticket.id),
        actor_id=None,
        data={"template": "ticket", "comment": {"id": 1, "is_internal": False}},
        cause=first,
    )
    db.session.commit()
    first_id, second_id = first.id, second.id
    assert browser.get(f"{PAGE}/{first_id}").select_one(f'a[href="{PAGE}/{second_id}"]') is not None
    page = browser.get(f"{PAGE}/{second_id}")
    assert page.select_one(f'a[href="{PAGE}/{first_id}"]') is not None
    assert "step 1 of a chain" in browser.text


def test_an_event_that_is_not_there_is_not_found(browser: PageClient) -> None:
    browser.get(f"{PAGE}/999", status=404)
    browser.get(f"{PAGE}/99999999999999999999999", status=404)
    browser.post(f"{PAGE}/999/replay", {}, status=404)


@pytest.mark.parametrize("who", ["mallory", "bob"])
def test_only_a_technologist_may_look_and_replay(
    who: str, alice: Account, sign_in: SignIn, request: pytest.FixtureRequest, drain: Callable[[], None]
) -> None:
    make_ticket(alice, title="No paper")
    with failing_subscriber():
        drain()
    event_id = event_of(EventKind.RECORD_CREATED).id
    other = sign_in(request.getfixturevalue(who))
    other.get(PAGE, status=403)
    other.get(f"{PAGE}/{event_id}", status=403)
    other.get(f"{PAGE}/progress", status=403)
    other.post(f"{PAGE}/{event_id}/replay", {}, status=403)
    other.post(f"{PAGE}/replay", {}, status=403)
    assert db.session.scalar(select(Receipt.state)) == "failed"
