"""Two people edit one record at once, with errors on the way: nothing is lost, nothing is decided twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.records.models import Record
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]
EDIT = "form[action$='/edit']"


def begin(browser: PageClient, record: Record) -> dict[str, Any]:
    """Open the form and return what it would send."""
    return form_values(browser.get(f"/records/{record.id}/edit").select_one(EDIT))


def send(browser: PageClient, record: Record, form: dict[str, Any], status: int = 302) -> dict[str, Any]:
    """Send the form; return what the form that comes back would send."""
    page = browser.post(f"/records/{record.id}/edit", form, status=status)
    db.session.expire_all()
    return {} if status == 302 else form_values(page.select_one(EDIT))


def test_an_error_on_the_way_does_not_undo_what_another_editor_saved(alice, bob, carol, sign_in) -> None:
    ticket = make_ticket(alice, description="old words")
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, ticket)
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's long new description"})
    again = send(mine, ticket, {**form, "title": ""}, status=422)
    assert (again["_version"], again["_shown"]) == (form["_version"], form["_shown"])
    send(mine, ticket, {**again, "title": "Mended title"})
    assert (ticket["title"], ticket["description"]) == ("Mended title", "Carol's long new description")


def test_an_error_on_the_way_does_not_hide_a_conflict(alice, bob, carol, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, ticket)
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's"})
    again = send(mine, ticket, {**form, "description": "Bob's", "title": ""}, status=422)
    send(mine, ticket, {**again, "title": "Mended title"}, status=409)
    assert ticket["description"] == "Carol's"


def test_a_value_that_must_stand_once_does_not_hide_a_conflict(bob, carol, sign_in: SignIn) -> None:
    make_record("asset", bob, title="Laptop", inventory_number="N1")
    asset = make_record("asset", bob, title="Printer")
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, asset)
    send(theirs, asset, {**begin(theirs, asset), "notes": "Carol's"})
    again = send(mine, asset, {**form, "inventory_number": "N1"}, status=422)
    assert (again["_version"], again["_shown"]) == (form["_version"], form["_shown"])
    send(mine, asset, {**again, "inventory_number": "N2"})
    assert (asset["inventory_number"], asset["notes"]) == ("N2", "Carol's")


def test_the_version_that_was_preferred_stays_preferred_after_an_error(alice, bob, carol, sign_in) -> None:
    ticket = make_ticket(alice, description="old words")
    mine, theirs = sign_in(bob), sign_in(carol)
    form = begin(mine, ticket)
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's"})
    again = send(mine, ticket, {**form, "description": "Bob's"}, status=409)
    assert again["_take_description"] == "mine"
    again = send(mine, ticket, {**again, "_take_description": "theirs", "title": ""}, status=422)
    assert again["_take_description"] == "theirs"
    assert "Carol's" in mine.page.select_one(".conflict").text
    send(mine, ticket, {**again, "title": "Mended title"})
    assert (ticket["title"], ticket["description"]) == ("Mended title", "Carol's")


def test_the_version_that_was_preferred_stays_preferred_after_another_conflict(
    alice: Account, bob: Account, carol: Account, sign_in: SignIn
) -> None:
    ticket = make_ticket(alice)
    mine, theirs = sign_in(bob), sign_in(carol)
    form = {**begin(mine, ticket), "title": "Bob's title", "description": "Bob's"}
    send(theirs, ticket, {**begin(theirs, ticket), "description": "Carol's"})
    again = send(mine, ticket, form, status=409)
    send(theirs, ticket, {**begin(theirs, ticket), "title": "Carol's title"})
    again = send(mine, ticket, {**again, "_take_description": "theirs"}, status=409)
    assert (again["_take_title"], again["_take_description"]) == ("mine", "theirs")
    send(mine, ticket, again)
    assert (ticket["title"], ticket["description"]) == ("Bob's title", "Carol's")
