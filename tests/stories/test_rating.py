"""A ticket is closed: its requester is told so and asked to rate in one message, once a day."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.stories.cast import BOTH, Cast
from tests.support.background import StoppedClock
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.ratings.models import Rating
from webapp.events.models import Receipt
from webapp.messaging.messages import bodies
from webapp.people.company import settings as company

ASKED, CLOSED = "ticket.satisfaction.requester", "ticket.closed.requester"


def test_the_request_to_rate_tells_of_the_closing_and_is_the_only_message(cast: Cast) -> None:
    cast.move("frank", "resolved", "closed")
    assert [one.rule_code for one in cast.messages() if one.account_id == cast["alice"].id] == [ASKED]
    assert cast.told_by(CLOSED) == {"erin": ("observer", BOTH)}
    receipt = db.session.scalars(select(Receipt).order_by(Receipt.event_id.desc())).first()
    assert receipt is not None
    assert [CLOSED, "email", "merged", [cast["alice"].id]] in receipt.decisions


def test_who_closes_their_own_ticket_is_asked_too(cast: Cast) -> None:
    cast.move("frank", "resolved")
    cast.move("alice", "closed")
    assert cast.told_by(ASKED) == {"alice": ("requester", BOTH)}


def test_a_ticket_that_is_closed_again_within_a_day_asks_once(cast: Cast, clock: StoppedClock) -> None:
    cast.move("frank", "resolved", "closed")
    assert cast.told_by(ASKED)
    clock.move(hours=1)
    cast.move("frank", "resumed", "resolved", "closed")
    assert cast.told_by(ASKED) == {}
    assert cast.told_by(CLOSED) == {"alice": ("requester", BOTH), "erin": ("observer", BOTH)}
    clock.move(days=1, hours=1)
    cast.move("frank", "resumed", "resolved", "closed")
    assert cast.told_by(ASKED) == {"alice": ("requester", BOTH)}


def test_the_link_in_the_mail_leads_to_the_rating(cast: Cast, visitor: PageClient) -> None:
    cast.move("frank", "resolved", "closed")
    (message,) = (one for one in cast.messages() if one.rule_code == ASKED)
    assert message.body is not None
    (link,) = set(re.findall(r"/ratings/[\w\-.]+", bodies.unpack(message.body.packed_parts).html))
    visitor.post(link, {"stars": "5", "comment": "Thanks"}, status=200)
    rating = db.session.scalars(select(Rating)).one()
    assert (rating.account_id, rating.stars) == (cast["alice"].id, 5)


def test_a_person_without_an_account_is_asked_where_the_company_allows_it(
    cast: Cast, visitor: PageClient
) -> None:
    card = company.Company(base_url="http://desk.example", notify_unregistered=True)
    company.change(card, actor=None)
    cast.ticket.requester_id, cast.ticket.requester_address = None, "anna@example.org"
    db.session.commit()
    cast.move("frank", "resolved", "closed")
    (message,) = (one for one in cast.messages() if one.rule_code == ASKED)
    assert [delivery.address for delivery in message.deliveries] == ["anna@example.org"]
    assert message.body is not None
    link = re.search(r"/ratings/[\w\-.]+", bodies.unpack(message.body.packed_parts).text)
    assert link is not None
    visitor.post(link[0], {"stars": "3"}, status=200)
    assert db.session.scalars(select(Rating)).one().address == "anna@example.org"
