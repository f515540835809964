"""Where people stand in the company: managers in no circle, and what formulas and others may know of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.desk.making import make_ticket
from tests.desk.test_races import form_of, while_another_sends
from tests.desk.test_record_store import scope_of
from tests.support import people
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.desk.records.record_schema import RecordSchema
from webapp.desk.records.shown import reader_for
from webapp.events.models import Event
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.formulas.showing import show
from webapp.people.accounts import services
from webapp.people.accounts.models import Account
from webapp.people.accounts.services import ManagerCircle, Place
from webapp.rules.narration.events import narrate

SignIn = Callable[[Account], PageClient]
FORM = "main form"


def answer_to(account: Account, manager: Account | None, actor: Account) -> None:
    services.change_account(account, actor=actor, place=Place(manager))
    db.session.commit()


def test_a_technologist_says_where_somebody_stands(
    sign_in: SignIn, carol: Account, alice: Account, bob: Account
) -> None:
    place = {
        "manager": "Bob Miller <bob@example.com>",
        "title": " Head of  logistics ",
        "department": "Logistics",
        "office": "Main street, 2",
        "phone": "+7 495 000-00-00",
    }
    browser = sign_in(carol)
    browser.submit(f"/accounts/{alice.id}", FORM, place)
    db.session.refresh(alice)
    assert (alice.manager_id, alice.title, alice.department) == (bob.id, "Head of logistics", "Logistics")
    assert (alice.office, alice.phone) == ("Main street, 2", "+7 495 000-00-00")
    event = db.session.scalars(select(Event)).one()
    assert event.kind == "account.changed"
    assert event.changes["manager_id"] == {"before": None, "after": bob.id}
    shown = browser.follow()
    assert shown.select_one("#manager")["value"] == place["manager"]
    browser.submit(f"/accounts/{alice.id}", FORM, {"manager": "", "title": ""})
    db.session.refresh(alice)
    assert (alice.manager_id, alice.title, alice.department) == (None, None, "Logistics")


def test_a_new_account_has_its_place_from_the_beginning(
    sign_in: SignIn, carol: Account, bob: Account
) -> None:
    new = {"name": "Daria", "email": "daria@example.com", "manager": "bob@example.com", "title": "Clerk"}
    sign_in(carol).submit("/accounts/new", "main form", new, status=200)
    daria = db.session.scalar(select(Account).where(Account.email == "daria@example.com"))
    assert daria is not None
    assert (daria.manager_id, daria.title, daria.phone) == (bob.id, "Clerk", None)


def test_saving_an_account_as_it_is_announces_nothing(
    sign_in: SignIn, carol: Account, alice: Account
) -> None:
    sign_in(carol).submit(f"/accounts/{alice.id}", FORM, {})
    assert db.session.scalars(select(Event)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("manager", "Nobody <nobody@example.com>"),
        ("manager", "Bob"),
        ("manager", "x" * 500),
        ("manager", "<bob@example.com"),
        ("manager", "\0"),
        ("title", "x" * 121),
        ("office", "a\u202eb"),
        ("phone", "1" * 41),
        ("department", "a\0b"),
    ],
)
def test_bad_input_is_told_beside_the_field_and_stays(
    sign_in: SignIn, carol: Account, alice: Account, bob: Account, field: str, value: str
) -> None:
    page = sign_in(carol).submit(f"/accounts/{alice.id}", FORM, {field: value}, status=422)
    assert page.select_one(f"#{field}-error")
    assert page.select_one("#name")["value"] == "Alice Smirnova"
    db.session.refresh(alice)
    assert (alice.manager_id, alice.title, alice.phone) == (None, None, None)


def test_a_manager_who_left_may_stay_and_cannot_be_chosen_anew(
    sign_in: SignIn, carol: Account, alice: Account, bob: Account, mallory: Account
) -> None:
    answer_to(alice, bob, carol)
    services.deactivate(bob, actor=carol)
    db.session.commit()
    browser = sign_in(carol)
    browser.submit(f"/accounts/{alice.id}", FORM, {"title": "Clerk"})
    db.session.refresh(alice)
    assert (alice.manager_id, alice.title) == (bob.id, "Clerk")
    page = browser.submit(f"/accounts/{mallory.id}", FORM, {"manager": "bob@example.com"}, status=422)
    assert page.select_one("#manager-error")


@pytest.mark.parametrize("length", [1, 2, 3, 12])
def test_a_circle_of_any_length_is_refused_with_the_names_in_it(
    sign_in: SignIn, carol: Account, length: int
) -> None:
    chain = [people.make_account(f"Person{number} Long") for number in range(length)]
    for below, above in pairwise(chain):
        answer_to(below, above, carol)
    top, bottom = chain[-1], chain[0]
    page = sign_in(carol).submit(f"/accounts/{top.id}", FORM, {"manager": bottom.email}, status=422)
    words = page.select_one("#manager-error").text
    assert " → ".join([top.name, *(each.name for each in chain)]) in words
    assert page.select_one("#manager")["value"] == bottom.email
    db.session.refresh(top)
    assert top.manager_id is None


def test_two_edits_at_once_make_no_circle(
    sign_in: SignIn, carol: Account, alice: Account, bob: Account
) -> None:
    browser = sign_in(carol)
    address = f"/accounts/{alice.id}"
    form = {**form_of(browser, address, FORM), "manager": bob.email}
    with while_another_sends(browser, address, form) as answers:
        services.change_account(bob, actor=carol, place=Place(alice))
    assert answers[0].status_code == 422
    assert "Alice Smirnova → Bob Miller → Alice Smirnova" in answers[0].get_data(as_text=True)
    db.session.expire_all()
    assert (bob.manager_id, alice.manager_id) == (alice.id, None)


def test_the_service_refuses_a_circle_itself(carol: Account, alice: Account, bob: Account) -> None:
    answer_to(alice, bob, carol)
    with pytest.raises(ManagerCircle, match="Bob Miller → Alice Smirnova → Bob Miller"):
        services.change_account(bob, actor=carol, place=Place(alice))


def test_people_read_their_place_and_technologists_alone_change_it(
    sign_in: SignIn, carol: Account, alice: Account, bob: Account
) -> None:
    services.change_account(alice, actor=carol, place=Place(bob, "Clerk"))
    db.session.commit()
    browser = sign_in(alice)
    page = browser.get("/profile")
    assert "Bob Miller" in page.select_one("main").text
    assert "Clerk" in page.select_one("main").text
    assert page.select_one("#manager") is None
    browser.submit("/profile", "main form", {"title": "Director", "manager": "", "name": "Alice"})
    db.session.refresh(alice)
    assert (alice.name, alice.title, alice.manager_id) == ("Alice", "Clerk", bob.id)
    sign_in(carol).submit("/profile", "main form", {"title": "Head of IT", "manager": "bob@example.com"})
    db.session.refresh(carol)
    assert (carol.title, carol.manager_id) == ("Head of IT", bob.id)
    page = sign_in(carol).submit("/profile", "main form", {"manager": "carol@example.com"}, status=422)
    assert "Carol Volkova → Carol Volkova" in page.select_one("#manager-error").text


def test_managers_are_offered_to_technologists_alone(
    sign_in: SignIn, carol: Account, bob: Account, mallory: Account
) -> None:
    offered = sign_in(carol).get("/accounts/managers?manager=mill", check=False)
    assert [each["value"] for each in offered.select("option")] == ["Bob Miller <bob@example.com>"]
    for account in (bob, mallory):
        sign_in(account).get("/accounts/managers?manager=a", status=403)


def test_formulas_go_from_people_to_their_managers(carol: Account, alice: Account, bob: Account) -> None:
    services.change_account(alice, actor=carol, place=Place(bob, "Clerk", "Logistics", "Main street", "112"))
    answer_to(bob, carol, carol)
    ticket = make_ticket(alice)

    def value(text: str, reader: Account | None = None) -> str:
        compile_formula(text, RecordSchema(), "ticket")
        return show(compile_formula(text).evaluate(scope_of(ticket, reader)), "en")

    assert value("$requester->manager->fullName") == "Bob Miller"
    assert value("$requester->manager->manager->fullName") == "Carol Volkova"
    assert value("$requester->manager->manager->manager->fullName") == ""
    assert value('$requester->title + " " + $requester->department + " " + $requester->office') == (
        "Clerk Logistics Main street"
    )
    assert value("$requester->phone") == "112"
    assert value("$requester->phone", bob) == "112"
    assert value("$requester->manager->phone", alice) == ""


def test_the_journal_of_events_names_the_manager(app, carol: Account, alice: Account, bob: Account) -> None:
    answer_to(alice, bob, carol)
    event = db.session.scalars(select(Event)).one()
    with app.test_request_context():
        (happened,) = narrate([event], reader_for(carol, "en", ZoneInfo("UTC")))
    (line,) = happened.entry.lines
    assert (line.before, line.after) == ("", "Bob Miller")
