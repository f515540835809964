"""The Notifications tab and the sentence under the comment box: who hears what, and who may know it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desk.making import make_ticket
from tests.support.mail import make_connection
from tests.support.pages import PageClient
from tests.support.people import make_account
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account, Role, Team
from webapp.rules.explain.queries import PAGE_SIZE

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


def test_staff_see_who_was_told_what_by_which_channel_and_how_it_fares(
    ticket: Record, bob: Account, sign_in: SignIn
) -> None:
    browser = sign_in(bob)
    page = browser.get(f"/records/{ticket.id}/notifications")
    entries = [" ".join(entry.get_text(" ").split()) for entry in page.select(".timeline-entry")]
    assert len(entries) == 2
    assert "Bob Miller moved it to “In progress”" in entries[0]
    assert "Alice Smirnova Work started (to the requester) requester" in entries[0]
    assert "E-mail Waiting" in entries[0]
    assert "Push Not read yet" in entries[0]
    assert page.select_one('.told a[href^="/messages/"]') is not None


def test_staff_see_who_was_passed_over_and_why(
    ticket: Record, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    services.add_comment(ticket, "Here is some", author=bob, is_internal=False)
    db.session.commit()
    drain()
    page = sign_in(bob).get(f"/records/{ticket.id}/notifications")
    newest = page.select_one(".timeline-entry")
    assert newest is not None
    passed_over = [" ".join(one.get_text(" ").split()) for one in newest.select(".passed-over li")]
    reason = "They did it themselves, and nobody is told of their own action."
    assert passed_over == [f"Bob Miller {reason} New comment (to the assignee) · E-mail, Push"]


def test_a_user_sees_only_what_concerns_themselves(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    browser = sign_in(alice)
    page = browser.get(f"/records/{ticket.id}/notifications")
    told = " ".join(one.text for one in page.select(".told-line"))
    assert "Alice Smirnova" in told
    assert "Bob Miller" not in told
    assert page.select_one('a[href^="/messages/"]') is None


def test_what_a_user_was_told_is_not_pushed_off_by_what_staff_tell_each_other(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    frank = make_account("Frank Weber", role=Role.SUPPORT)
    for number in range(PAGE_SIZE + 2):
        services.add_comment(ticket, f"Note {number}", author=frank, is_internal=True)
    db.session.commit()
    drain()
    page = sign_in(alice).get(f"/records/{ticket.id}/notifications")
    assert len(page.select(".timeline-entry")) == 2
    assert page.select_one(".pager") is None


def test_a_page_on_which_nothing_may_be_told_leads_on(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    alice.role = Role.SUPPORT.value
    services.subscribe(ticket, alice, actor=alice)
    db.session.commit()
    services.assign(ticket, assignee=alice, team=None, actor=bob)
    for number in range(PAGE_SIZE):
        services.add_comment(ticket, f"Note {number}", author=bob, is_internal=True)
    db.session.commit()
    drain()
    alice.role = Role.USER.value
    db.session.commit()
    browser = sign_in(alice)
    page = browser.get(f"/records/{ticket.id}/notifications")
    assert page.select(".timeline-entry") == []
    page = browser.get(page.select_one(".pager a[rel=next]")["href"])
    assert len(page.select(".timeline-entry")) == 3


def test_a_user_learns_nothing_of_internal_comments(
    ticket: Record, alice: Account, bob: Account, first_line: Team, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    first_line.members.append(alice)
    services.assign(ticket, assignee=bob, team=first_line, actor=bob)
    db.session.commit()
    services.add_comment(ticket, "She is wrong", author=bob, is_internal=True)
    db.session.commit()
    drain()
    browser = sign_in(alice)
    browser.get(f"/records/{ticket.id}/notifications")
    assert "internal" not in browser.text.lower()
    staff = sign_in(bob)
    staff.get(f"/records/{ticket.id}/notifications")
    assert "Only staff are told of internal comments and files." in staff.text


def test_the_tab_says_how_many_messages_the_reader_may_see(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    def number(account: Account) -> str:
        page = sign_in(account).get(f"/records/{ticket.id}")
        return page.select_one(f'a[href="/records/{ticket.id}/notifications"] .tab-count').text

    assert number(bob) == "3"
    assert number(alice) == "2"


def test_a_record_that_told_nobody_says_so(bob: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(bob, title="No paper")
    browser = sign_in(bob)
    browser.get(f"/records/{ticket.id}/notifications")
    assert "Nobody was told yet" in browser.text


def test_the_box_says_who_will_be_told_of_a_comment(ticket: Record, bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    page = browser.get(f"/records/{ticket.id}")
    public, internal = [" ".join(one.text.split()) for one in page.select(".comment-audience")]
    assert public == "Will be told: Alice Smirnova."
    assert internal == "Nobody will be told of this internal comment."


def test_a_user_sees_it_too(ticket: Record, alice: Account, sign_in: SignIn) -> None:
    page = sign_in(alice).get(f"/records/{ticket.id}")
    assert [" ".join(one.text.split()) for one in page.select(".comment-audience")] == [
        "Will be told: Bob Miller."
    ]


def test_only_a_few_are_named(ticket: Record, bob: Account, sign_in: SignIn) -> None:
    for number in range(5):
        observer = make_account(f"Watcher{number} Smith", role=Role.SUPPORT)
        services.subscribe(ticket, observer, actor=observer)
    db.session.commit()
    page = sign_in(bob).get(f"/records/{ticket.id}")
    sentence = " ".join(page.select_one(".comment-audience").text.split())
    assert sentence == "Will be told: Alice Smirnova, Watcher0 Smith, Watcher1 Smith and 3 more."


def test_what_is_foretold_is_what_happens(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    sign_in(bob).post(f"/records/{ticket.id}/comments", {"body": "Here is some", "audience": "public"})
    drain()
    page = sign_in(bob).get(f"/records/{ticket.id}/notifications")
    newest = page.select_one(".timeline-entry")
    assert [" ".join(one.text.split()) for one in newest.select(".told .person-name")] == ["Alice Smirnova"]


def test_nobody_sees_what_a_record_that_is_not_theirs_told(
    ticket: Record, mallory: Account, sign_in: SignIn
) -> None:
    browser = sign_in(mallory)
    browser.get(f"/records/{ticket.id}/notifications", status=404)
    browser.get("/records/999/notifications", status=404)
