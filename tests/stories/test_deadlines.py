"""Deadlines and who is told of them: a change is told once, a pause by its status, a recount to nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.agreeing import USUAL, make_agreement, rule
from tests.stories.cast import BOTH, Cast
from tests.support.background import StoppedClock
from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.agreements import queries
from webapp.desk.agreements import services as agreements
from webapp.desk.records import services
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account

CODE = "ticket.deadline.requester"


@pytest.fixture
def ticket_cast(clock: StoppedClock, cast: Cast) -> Cast:
    """Everybody, with an agreement and a ticket that was registered under it on a Monday at noon."""
    clock.move(days=2)
    make_agreement()
    cast.ticket = cast.register()
    cast.forget()
    return cast


def test_a_raised_priority_tells_the_assignee_of_it_and_the_requester_of_the_deadline(
    ticket_cast: Cast,
) -> None:
    cast = ticket_cast
    services.change_attributes(cast.ticket, {"priority": "1"}, actor=cast["frank"], shown={"priority": "3"})
    db.session.commit()
    assert cast.told_by(CODE) == {"alice": ("requester", BOTH)}
    assert cast.told_by("ticket.priority.assignee") == {"bob": ("assignee", BOTH)}, "one mail for each"


def test_a_pause_and_its_end_tell_of_the_status_only(ticket_cast: Cast) -> None:
    cast = ticket_cast
    cast.move("frank", "postponed")
    assert cast.told_by(CODE) == {}
    assert cast.told_by("ticket.postponed.requester")
    cast.move("frank", "resumed")
    assert cast.told_by(CODE) == {}
    assert cast.ticket["deadline"] is not None


def _about(cast: Cast) -> list[str]:
    """Whom the ticket's people were told by; an older ticket may be late by what was agreed now."""
    return [one.rule_code for one in cast.messages() if one.subject_id == cast.ticket.id]


def test_a_changed_agreement_moves_every_deadline_and_writes_to_nobody(ticket_cast: Cast) -> None:
    cast = ticket_cast
    before = cast.ticket["deadline"]
    agreement = queries.get_default_agreement()
    wanted = agreements.Wanted("Usual", agreement.calendar, (rule("1:00", "16:00"),), is_default=True)
    agreements.change_agreement(agreement, wanted, actor=cast["carol"])
    db.session.commit()
    assert _about(cast) == []
    db.session.expire_all()
    assert cast.ticket["deadline"] > before
    agreements.change_agreement(
        agreement, agreements.Wanted("Usual", agreement.calendar, USUAL, is_default=True), actor=cast["carol"]
    )
    db.session.commit()
    assert _about(cast) == []
    db.session.expire_all()
    assert cast.ticket["deadline"] == before


def test_each_reader_is_told_in_their_own_zone(ticket_cast: Cast) -> None:
    cast = ticket_cast
    cast["alice"].time_zone, cast["alice"].language = "Asia/Tokyo", "en"
    cast["bob"].time_zone, cast["bob"].language = "America/New_York", "en"
    db.session.commit()
    wanted = (now() + timedelta(days=3)).replace(hour=9, minute=30)
    held = cast.ticket.template.attribute("deadline").typed.to_json(cast.ticket["deadline"])
    services.change_attributes(
        cast.ticket, {"deadline": wanted}, actor=cast["frank"], shown={"deadline": held}
    )
    db.session.commit()
    cast.messages()
    assert note_of(cast["alice"]) == "26 November 2026, 18:30"
    assert note_of(cast["bob"]) == "26 November 2026, 04:30"


def note_of(account: Account) -> str:
    """The words of the newest push note of the person."""
    found = db.session.query(PushNote).filter_by(account_id=account.id).order_by(PushNote.id.desc()).first()
    assert found is not None
    return str(found.body)
