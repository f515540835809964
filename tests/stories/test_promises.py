"""What the program promises about telling people, whatever the catalogue holds."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.desk.making import make_ticket
from tests.stories.cast import BOTH, EMAIL, Cast
from webapp.core.db import db
from webapp.desk.records import services
from webapp.events.models import Event, Receipt
from webapp.messaging.mail_connections.queries import get_default
from webapp.messaging.messages.models import Delivery, Message
from webapp.messaging.push.models import PushNote
from webapp.people.company import settings as company


def _names(cast: Cast) -> set[str]:
    return {
        db.session.get(type(cast["alice"]), one.account_id).name.lower()
        for one in cast.messages()
        if one.account_id
    }


def _decisions(cast: Cast) -> set[tuple[str, str, str]]:
    """Rows, reasons and names of those whom the events since passed over."""
    cast.drain()
    db.session.rollback()
    by_id = {account.id: name for name, account in cast.people.items()}
    found = set()
    for receipt in db.session.scalars(select(Receipt).where(Receipt.event_id > cast.after_event)):
        for row, _channel, reason, account_ids in receipt.decisions:
            found |= {(row, reason, by_id[number]) for number in account_ids} or {(row, reason, "")}
    return found


def _write_to_everybody(cast: Cast) -> None:
    company.change(
        company.Company(base_url="http://desk.example", notify_unregistered=True), actor=cast["carol"]
    )
    db.session.commit()


def _comment(cast: Cast, author: str, *, is_internal: bool = False) -> None:
    services.add_comment(cast.ticket, "Have a look", author=cast[author], is_internal=is_internal)
    db.session.commit()


def test_nobody_is_told_of_their_own_action(cast: Cast) -> None:
    _comment(cast, "bob")
    assert _names(cast) == {"alice", "erin"}
    assert ("comment.public.assignee", "own_action", "bob") in _decisions(cast)


def test_registration_is_acknowledged_to_whoever_registered(cast: Cast) -> None:
    make_ticket(cast["alice"], title="No paper")
    assert {(one.rule_code, one.role) for one in cast.messages()} == {
        ("ticket.registered.requester", "requester")
    }


def test_one_person_in_several_roles_gets_one_message(cast: Cast) -> None:
    services.subscribe(cast.ticket, cast["bob"], actor=cast["bob"])
    db.session.commit()
    cast.forget()
    _comment(cast, "frank")
    to_bob = [one for one in cast.messages() if one.account_id == cast["bob"].id]
    assert [(one.rule_code, one.role) for one in to_bob] == [("comment.public.assignee", "assignee")]


def test_of_several_rows_the_most_important_speaks_and_the_rest_are_merged(cast: Cast) -> None:
    cast.move("frank", "in_progress")
    to_alice = [one for one in cast.messages() if one.account_id == cast["alice"].id]
    assert [one.rule_code for one in to_alice] == ["ticket.in_progress.requester"]
    assert ("comment.public.requester", "merged", "alice") in _decisions(cast)


def test_a_row_that_is_off_on_one_channel_leaves_that_channel_to_the_next_row(cast: Cast) -> None:
    cast.switch("ticket.in_progress.requester", "email", is_on=False)
    cast.move("frank", "in_progress")
    assert cast.told_by("comment.public.requester") == {"alice": ("requester", EMAIL)}


def test_an_internal_comment_reaches_staff_only(cast: Cast) -> None:
    _comment(cast, "frank", is_internal=True)
    assert _names(cast) == {"bob", "dave"}


def test_an_internal_comment_does_not_reach_a_requester_who_is_in_the_team(cast: Cast) -> None:
    cast.first_line.members.append(cast["alice"])
    db.session.commit()
    _comment(cast, "frank", is_internal=True)
    assert "alice" not in _names(cast)
    assert ("comment.private.team", "not_staff", "alice") in _decisions(cast)


def test_a_deactivated_account_is_not_told(cast: Cast) -> None:
    cast["erin"].is_active = False
    db.session.commit()
    _comment(cast, "frank")
    assert "erin" not in _names(cast)
    assert ("comment.public.observers", "inactive", "erin") in _decisions(cast)


def test_the_team_is_told_where_the_assignee_was_deactivated(cast: Cast) -> None:
    cast["bob"].is_active = False
    db.session.commit()
    cast.move("frank", "postponed", "resumed")
    assert cast.told_by("ticket.resumed.assignee") == {"dave": ("team", BOTH)}
    assert ("ticket.resumed.assignee", "inactive", "bob") in _decisions(cast)


def test_the_team_is_not_told_what_its_assignee_did(cast: Cast) -> None:
    cast.move("bob", "postponed", "resumed")
    assert cast.told_by("ticket.resumed.assignee") == {}


def test_people_without_an_account_are_not_written_to_unless_the_company_allows(cast: Cast) -> None:
    make_ticket(cast["frank"], title="A call", requester_address="visitor@example.com")
    assert cast.told_by("ticket.registered.requester") == {}
    assert ("ticket.registered.requester", "unregistered", "") in _decisions(cast)


def test_people_without_an_account_get_mail_and_no_push_when_the_company_allows(cast: Cast) -> None:
    _write_to_everybody(cast)
    make_ticket(cast["frank"], title="A call", requester_address="visitor@example.com")
    assert cast.told_by("ticket.registered.requester") == {"visitor@example.com": ("requester", EMAIL)}


def test_an_address_that_belongs_to_an_account_is_that_person(cast: Cast) -> None:
    _write_to_everybody(cast)
    make_ticket(cast["frank"], title="A call", requester_address=" Alice@Example.com ")
    assert cast.told_by("ticket.registered.requester") == {"alice": ("requester", BOTH)}


def test_whoever_registers_with_their_own_address_gets_one_message(cast: Cast) -> None:
    _write_to_everybody(cast)
    ticket = make_ticket(cast["bob"], title="A call", requester_address=cast["bob"].email)
    assert [(one.rule_code, one.account_id) for one in cast.messages()] == [
        ("ticket.registered.requester", cast["bob"].id)
    ]
    cast.forget()
    services.add_comment(ticket, "Have a look", author=cast["bob"], is_internal=False)
    db.session.commit()
    assert cast.messages() == []


def test_a_deactivated_account_is_not_told_by_its_address_either(cast: Cast) -> None:
    _write_to_everybody(cast)
    cast["alice"].is_active = False
    db.session.commit()
    make_ticket(cast["frank"], title="A call", requester_address=cast["alice"].email)
    assert cast.told_by("ticket.registered.requester") == {}
    assert ("ticket.registered.requester", "inactive", "alice") in _decisions(cast)


def test_a_person_without_an_account_is_named_to_the_team(cast: Cast) -> None:
    make_ticket(
        cast["frank"], title="A call", requester_address="visitor@example.com", team=cast.first_line.id
    )
    told = [one for one in cast.messages() if one.rule_code == "ticket.registered.team"]
    assert {one.account_id for one in told} == {cast["bob"].id, cast["dave"].id}


def test_without_a_connection_mail_is_skipped_with_its_reason_and_push_goes(cast: Cast) -> None:
    connection = get_default()
    assert connection is not None
    connection.is_deleted, connection.is_default = True, False
    db.session.commit()
    _comment(cast, "frank")
    assert all(channels == {"push"} for _role, channels in cast.told_by("comment.public.requester").values())
    assert ("comment.public.requester", "no_connection", "alice") in _decisions(cast)


def test_a_later_change_does_not_redirect_an_earlier_message(cast: Cast) -> None:
    services.assign(cast.ticket, assignee=cast["dave"], team=cast.first_line, actor=cast["frank"])
    services.assign(cast.ticket, assignee=cast["grace"], team=cast.first_line, actor=cast["frank"])
    db.session.commit()
    told = [
        (one.account_id, one.rule_code)
        for one in cast.messages()
        if one.rule_code == "ticket.assigned.assignee"
    ]
    assert [number for number, _code in told] == [cast["dave"].id, cast["grace"].id]


def test_a_message_speaks_its_readers_language(cast: Cast) -> None:
    cast["alice"].language, cast["bob"].language = "ru", "en"
    db.session.commit()
    _comment(cast, "frank")
    titles = {one.account_id: one.title for one in cast.messages()}
    number = cast.ticket.id
    assert titles[cast["alice"].id] == f"[#{number}] Новый комментарий: The printer does not print"
    assert titles[cast["bob"].id] == f"[#{number}] New comment: The printer does not print"


def test_unsubscribing_tells_nobody(cast: Cast) -> None:
    services.unsubscribe(cast.ticket, cast["erin"], actor=cast["frank"])
    db.session.commit()
    assert cast.messages() == []


def test_an_event_handled_twice_makes_nothing_twice(cast: Cast) -> None:
    _comment(cast, "frank")
    cast.drain()
    before = _counts()
    db.session.execute(Event.__table__.update().values(is_done=False))
    db.session.commit()
    cast.drain()
    assert _counts() == before


def _counts() -> list[int | None]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table)) for table in (Message, Delivery, PushNote)
    ]
