"""Ratings: by a signed link, without signing in, once for each closing, changed within a day."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.desk.making import make_ticket
from tests.support.background import StoppedClock
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.ratings.invitations import Invitation, mark_of
from webapp.desk.ratings.models import Rating
from webapp.desk.records import services
from webapp.desk.records.models import Record
from webapp.events.models import Event
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]


def close(ticket: Record, by: Account) -> int:
    """Close the ticket and return the number of the event."""
    services.change_status(ticket, "resolved", actor=by)
    services.change_status(ticket, "closed", actor=by)
    db.session.commit()
    number = db.session.scalar(select(func.max(Event.id)))
    assert number
    return number


@pytest.fixture
def ticket(clock: StoppedClock, alice: Account, bob: Account) -> Record:
    alice.language = bob.language = "en"
    return make_ticket(alice, title="No paper")


@pytest.fixture
def link(ticket: Record, alice: Account, bob: Account) -> str:
    return f"/ratings/{Invitation(close(ticket, bob), alice.id).token}"


def ratings() -> list[Rating]:
    db.session.rollback()
    return list(db.session.scalars(select(Rating).order_by(Rating.id)))


def test_the_link_rates_without_signing_in(link: str, ticket: Record, visitor: PageClient) -> None:
    page = visitor.get(link)
    assert "No paper" in page.text
    assert "Rate our work" in page.title.text, "the page speaks Alice's language"
    visitor.post(link, {"stars": "4", "comment": "Quick.\nThank you"}, status=200)
    (rating,) = ratings()
    assert (rating.record_id, rating.stars, rating.comment) == (ticket.id, 4, "Quick.\nThank you")
    assert "You gave 4 stars." in visitor.text


def test_following_the_link_rates_nothing_even_with_stars_in_it(link: str, visitor: PageClient) -> None:
    page = visitor.get(f"{link}?stars=2")
    assert page.select_one("input[name=stars][checked]")["value"] == "2"
    assert page.select_one("main form")["action"] == link
    assert ratings() == []
    assert visitor.get(f"{link}?stars=99").select_one("input[name=stars][checked]") is None


def test_stars_are_required_and_words_stay(link: str, visitor: PageClient) -> None:
    for stars in ("", "0", "6", "five", "4.5"):
        page = visitor.post(link, {"stars": stars, "comment": "Quick"}, status=422)
        assert "Choose how many stars." in page.text, (stars, page.select_one("main").text)
        assert page.select_one("textarea").text.strip() == "Quick"
    page = visitor.post(link, {"stars": "5", "comment": "x" * 2001}, status=422)
    assert page.select_one("#comment-error") is not None
    assert ratings() == []


def test_a_rating_may_be_changed_within_a_day_and_stays_after_it(
    link: str, visitor: PageClient, clock: StoppedClock
) -> None:
    visitor.post(link, {"stars": "2", "comment": "Slow"}, status=200)
    clock.move(hours=23)
    page = visitor.get(link)
    assert page.select_one("input[name=stars][checked]")["value"] == "2"
    assert page.select_one("textarea").text.strip() == "Slow"
    visitor.post(link, {"stars": "3", "comment": ""}, status=200)
    clock.move(hours=2)
    assert visitor.get(link).select_one("input[name=stars]") is None
    visitor.post(link, {"stars": "1", "comment": ""}, status=409)
    assert [rating.stars for rating in ratings()] == [3]


def test_the_link_runs_out_after_30_days(link: str, visitor: PageClient, clock: StoppedClock) -> None:
    clock.move(days=29, hours=23)
    visitor.get(link)
    clock.move(hours=2)
    visitor.get(link, status=410)
    visitor.post(link, {"stars": "5"}, status=410)
    assert ratings() == []


def test_links_of_others_and_made_up_ones_open_nothing(
    link: str, ticket: Record, visitor: PageClient, mallory: Account, alice: Account
) -> None:
    event_id = db.session.scalar(select(func.max(Event.id)))
    wrong = [
        "nonsense",
        link.removeprefix("/ratings/") + "x",
        Invitation(event_id, mallory.id).token,
        Invitation(event_id, None, mark_of("mallory@example.com")).token,
        Invitation(event_id, None, "").token,
        Invitation(event_id - 1, alice.id).token,
        Invitation(10**18, alice.id).token,
        Invitation(0, alice.id).token,
    ]
    for token in wrong:
        visitor.get(f"/ratings/{token}", status=410)
        visitor.post(f"/ratings/{token}", {"stars": "5"}, status=410)
    assert "does not open a rating" in visitor.text or "нельзя поставить оценку" in visitor.text
    assert ratings() == []


def test_who_was_deactivated_or_is_not_the_requester_any_more_rates_nothing(
    link: str, ticket: Record, visitor: PageClient, alice: Account, bob: Account
) -> None:
    alice.is_active = False
    db.session.commit()
    visitor.get(link, status=410)
    alice.is_active = True
    ticket.requester_id = bob.id
    db.session.commit()
    visitor.get(link, status=410)


def test_guessing_is_slowed_down(link: str, visitor: PageClient) -> None:
    for number in range(30):
        visitor.get(f"/ratings/guess-{number}", status=410)
    visitor.get("/ratings/guess-again", status=429)


def test_an_address_without_an_account_rates_too(
    clock: StoppedClock, bob: Account, visitor: PageClient
) -> None:
    ticket = make_ticket(bob, requester_address="anna@example.org", requester=None)
    link = f"/ratings/{Invitation(close(ticket, bob), None, mark_of('anna@example.org')).token}"
    visitor.post(link, {"stars": "5", "comment": ""}, status=200)
    (rating,) = ratings()
    assert (rating.account_id, rating.address) == (None, "anna@example.org")


def test_each_closing_is_rated_by_itself(
    link: str, ticket: Record, visitor: PageClient, alice: Account, bob: Account
) -> None:
    visitor.post(link, {"stars": "2"}, status=200)
    services.change_status(ticket, "resumed", actor=bob, comment="Again")
    second = f"/ratings/{Invitation(close(ticket, bob), alice.id).token}"
    visitor.post(second, {"stars": "5"}, status=200)
    assert [rating.stars for rating in ratings()] == [2, 5]


def test_history_and_card_say_who_gave_how_many_stars(
    link: str, ticket: Record, visitor: PageClient, bob: Account, sign_in: SignIn
) -> None:
    visitor.post(link, {"stars": "4", "comment": "<b>Quick</b>"}, status=200)
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert (event.kind, event.data["rating"]["stars"]) == ("record.rated", 4)
    browser = sign_in(bob)
    browser.get(f"/records/{ticket.id}/history")
    assert "Alice Smirnova rated the work: 4 of 5" in browser.text
    assert "<b>Quick</b>" in browser.text
    card = browser.get(f"/records/{ticket.id}").select_one("#ratings")
    assert "Alice Smirnova" in card.text
    assert card.select_one("[role=img]")["aria-label"] == "4 of 5"


def test_the_requester_finds_the_link_on_the_card_and_others_do_not(
    link: str, ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    assert sign_in(alice).get(f"/records/{ticket.id}").select_one(f'a[href="{link}"]') is not None
    assert sign_in(bob).get(f"/records/{ticket.id}").select_one('a[href^="/ratings/"]') is None
