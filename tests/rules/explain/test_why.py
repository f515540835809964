"""Why somebody heard of an event or did not: of anybody for staff, of oneself for others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import delete, func, insert, select

from tests.desk.making import make_ticket
from tests.support.mail import make_connection
from tests.support.pages import PageClient
from tests.support.people import make_account
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.models import Record, RecordPerson
from webapp.events.models import Event, Receipt, ReceiptState
from webapp.messaging.messages.models import Message
from webapp.people.accounts.models import Account, Role, Team
from webapp.rules.event_actions import catalogue, trigger_words
from webapp.rules.event_actions import services as switches

SignIn = Callable[[Account], PageClient]


@pytest.fixture
def ticket(alice: Account, bob: Account, drain: Callable[[], None]) -> Record:
    """Alice's ticket in Bob's hands, with everything told."""
    alice.language = bob.language = "en"
    make_connection(is_complete=False)
    ticket = make_ticket(alice, title="No paper", assignee=bob.id)
    services.change_status(ticket, "in_progress", actor=bob)
    db.session.commit()
    drain()
    return ticket


def entries(page: BeautifulSoup) -> list[str]:
    return [" ".join(entry.get_text(" ").split()) for entry in page.select(".timeline-entry")]


def test_nobody_chosen_offers_those_who_have_a_part(ticket: Record, bob: Account, sign_in: SignIn) -> None:
    page = sign_in(bob).get(f"/records/{ticket.id}/why")
    assert [chip.text for chip in page.select("a.chip")] == ["Alice Smirnova", "Bob Miller"]
    assert "Choose a person" in page.text


def test_a_person_is_found_by_a_part_of_name_or_address(
    ticket: Record, bob: Account, mallory: Account, sign_in: SignIn
) -> None:
    mallory.is_active = False
    browser = sign_in(bob)
    page = browser.get(f"/records/{ticket.id}/why?search=mallo")
    assert [chip["href"] for chip in page.select("a.chip")] == [
        f"/records/{ticket.id}/why?person={mallory.id}"
    ]
    assert "Nobody has such a name" in browser.get(f"/records/{ticket.id}/why?search=zzz").text


def test_what_a_person_got_and_why_they_got_nothing(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    page = sign_in(bob).get(f"/records/{ticket.id}/why?person={alice.id}")
    newest, oldest = entries(page)
    assert "Work started (to the requester)" in newest
    assert "E-mail Waiting" in newest
    assert "Ticket registered (to the requester)" in oldest
    newest, oldest = entries(sign_in(bob).get(f"/records/{ticket.id}/why?person={bob.id}"))
    assert "The event actions that fit this event tell others." in newest
    assert "Work started (to the requester)" in newest
    assert "Ticket assigned (to the assignee)" in oldest


def test_reasons_that_were_written_down_are_given(
    ticket: Record, alice: Account, bob: Account, carol: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    row = catalogue.row("comment.public.requester")
    switches.switch([(row, row.channels[0])], is_on=False, actor=carol)
    services.add_comment(ticket, "Here is some", author=bob, is_internal=False)
    db.session.commit()
    drain()
    browser = sign_in(bob)
    assert (
        "This event action is switched off."
        in entries(browser.get(f"/records/{ticket.id}/why?person={alice.id}"))[0]
    )
    own = entries(browser.get(f"/records/{ticket.id}/why?person={bob.id}"))[0]
    assert "nobody is told of their own action" in own


def test_an_event_that_no_row_looks_at_says_so(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    services.unsubscribe(ticket, bob, actor=bob)
    services.subscribe(ticket, bob, actor=bob)
    services.unsubscribe(ticket, bob, actor=bob)
    db.session.commit()
    drain()
    newest = entries(sign_in(bob).get(f"/records/{ticket.id}/why?person={alice.id}"))[0]
    assert "No event action fits this event." in newest


def test_what_is_not_handled_yet_or_failed_is_said(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    services.add_comment(ticket, "Here is some", author=bob, is_internal=False)
    db.session.commit()
    browser, page = sign_in(bob), f"/records/{ticket.id}/why?person={alice.id}"
    assert "It is not handled yet" in entries(browser.get(page))[0]
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    event.is_done = True
    db.session.add(Receipt(event_id=event.id, subscriber="event_actions", state=ReceiptState.FAILED.value))
    db.session.commit()
    assert "Its handling failed." in entries(browser.get(page))[0]


def test_what_is_no_longer_kept_is_not_made_up(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    db.session.execute(delete(Receipt))
    db.session.execute(Message.__table__.update().values(account_id=bob.id))
    db.session.commit()
    newest = entries(sign_in(bob).get(f"/records/{ticket.id}/why?person={alice.id}"))[0]
    assert "what was decided is no longer kept" in newest


def test_others_ask_of_themselves_only(
    ticket: Record, alice: Account, bob: Account, mallory: Account, first_line: Team, sign_in: SignIn,
    drain: Callable[[], None],
) -> None:  # fmt: skip
    services.add_comment(ticket, "She is wrong", author=bob, is_internal=True)
    db.session.commit()
    drain()
    browser = sign_in(alice)
    page = browser.get(f"/records/{ticket.id}/why?person={bob.id}&search=bob")
    assert "What you heard, and why" in browser.text
    assert "Bob Miller" not in " ".join(chip.text for chip in page.select("a.chip, .told"))
    assert len(entries(page)) == 2
    assert "nternal" not in " ".join(entries(page))
    sign_in(mallory).get(f"/records/{ticket.id}/why", status=404)
    sign_in(bob).get("/records/999/why", status=404)


@pytest.mark.parametrize("person", ["0", "x", "99999999999999999999999", "-1", "²"])
def test_a_person_that_is_not_there_is_asked_for_again(
    ticket: Record, bob: Account, sign_in: SignIn, person: str
) -> None:
    assert "Choose a person" in sign_in(bob).get(f"/records/{ticket.id}/why?person={person}").text


def test_staff_see_which_rows_looked_at_an_event_and_what_they_waited_for(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    number = db.session.scalar(select(func.max(Event.id)).where(Event.subject_type == "record"))
    page = sign_in(bob).get(f"/records/{ticket.id}/notifications/{number}")
    rows = {" ".join(row.text.split()) for row in page.select(".passed-over li")}
    assert "Work started (to the requester) fits this event tells: requester" in rows
    assert "Ticket resolved (to the requester) waits for this: the new status is Resolved" in rows
    assert "Priority changed (to the assignee) waits for this: the field “Priority” changed" in rows
    other = sign_in(alice)
    other.get(f"/records/{ticket.id}/notifications/{number}")
    assert "waits for" not in other.text
    assert "Alice Smirnova" in other.page.select_one(".told").text


def test_an_event_of_another_record_is_not_shown(ticket: Record, bob: Account, sign_in: SignIn) -> None:
    other = make_ticket(bob, title="Another")
    number = db.session.scalar(select(func.max(Event.id)))
    browser = sign_in(bob)
    browser.get(f"/records/{other.id}/notifications/{number}")
    browser.get(f"/records/{ticket.id}/notifications/{number}", status=404)
    browser.get(f"/records/{ticket.id}/notifications/99999999999999999999", status=404)


def test_an_internal_note_is_no_event_for_others(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    services.add_comment(ticket, "She is wrong", author=bob, is_internal=True)
    db.session.commit()
    number = db.session.scalar(select(func.max(Event.id)))
    sign_in(alice).get(f"/records/{ticket.id}/notifications/{number}", status=404)


def test_a_thousand_observers_make_no_longer_page(
    ticket: Record, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    people = [
        {"email": f"w{number}@example.com", "name": f"Watcher {number}", "sort_key": f"watcher {number}",
         "role": Role.USER.value, "language": "en", "time_zone": "UTC", "is_active": number % 2 == 0}
        for number in range(1000)
    ]  # fmt: skip
    ids = db.session.scalars(insert(Account).returning(Account.id), people).all()
    db.session.execute(
        insert(RecordPerson), [{"account_id": one, "record_id": ticket.id, "role": "observer"} for one in ids]
    )
    services.change_status(ticket, "postponed", actor=bob, comment="Later")
    db.session.commit()
    drain()
    browser = sign_in(bob)
    page = browser.get(f"/records/{ticket.id}/notifications")
    newest = page.select_one(".timeline-entry")
    assert len(newest.select(".told-line")) == 20
    assert "and 481 more" in newest.text
    assert "and 490 more" in newest.text, "of those passed over"
    page = browser.get(newest.select_one("p > a")["href"])
    assert len(page.select(".told-line")) == 50
    assert page.select_one(".pager a[rel=next]") is not None
    page = browser.get(f"/records/{ticket.id}/why?person={ids[-1]}")
    assert "The account is deactivated." in entries(page)[0]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_trigger_of_the_catalogue_has_words(app: object, language: str) -> None:
    from webapp.desk.record_templates.queries import get_template

    template = get_template("ticket")
    for row in catalogue.rows():
        for name in row.when:
            assert name in catalogue.words(language).triggers, (
                f"{row.code}: no words for {name} in {language}"
            )
        for words in trigger_words.describe_all(row, language, template if row.template else None):
            assert "{" not in words
            assert "_" not in words or row.topic == "account", words


def test_words_of_a_record_of_another_person_are_not_needed(bob: Account, sign_in: SignIn) -> None:
    lonely = make_ticket(make_account("Zoe Lonely"), title="Alone")
    assert "Zoe Lonely" in sign_in(bob).get(f"/records/{lonely.id}/why").text
